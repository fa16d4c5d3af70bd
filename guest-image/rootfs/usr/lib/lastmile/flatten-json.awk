# Prints each leaf of a JSON document as PATH<tab>VALUE, the path joined by dots, array members by
# number. Strings keep \n and \t as they are written, so that a leaf is a line. Run with RS='"':
# records are by turns outside and inside of a string.

function path(  level, text) {
  for (level = 1; level <= depth; level++)
    text = text (level > 1 ? "." : "") (type[level] == "[" ? item[level] : key[level])
  return text
}

function leaf(value) { print path() "\t" value; literal = "" }

function unescape(text,  code) {
  gsub(/\\"/, "\"", text)
  gsub(/\\\//, "/", text)
  while (match(text, /\\u00[2-7][0-9a-fA-F]/)) {
    code = index("0123456789abcdef", tolower(substr(text, RSTART + 4, 1))) * 16 - 16
    code += index("0123456789abcdef", tolower(substr(text, RSTART + 5, 1))) - 1
    text = substr(text, 1, RSTART - 1) sprintf("%c", code) substr(text, RSTART + 6)
  }
  gsub(/\\\\/, "\\", text)
  return text
}

function structure(text,  position, char) {
  for (position = 1; position <= length(text); position++) {
    char = substr(text, position, 1)
    if (char == "{" || char == "[") {
      type[++depth] = char; item[depth] = 0; named[depth] = 0
    } else if (char == "}" || char == "]" || char == ",") {
      if (literal != "") leaf(literal)
      if (char != ",") { depth--; continue }
      item[depth]++
      named[depth] = 0
    } else if (char !~ /[ \t\r\n:]/) literal = literal char
  }
}

!inside { structure($0); inside = 1; held = ""; next }

# A quote after an odd number of backslashes belongs to the string.
match($0, /\\+$/) && RLENGTH % 2 == 1 { held = held $0 "\""; next }

{
  value = unescape(held $0)
  if (type[depth] == "{" && !named[depth]) { key[depth] = value; named[depth] = 1 } else leaf(value)
  inside = 0
}
