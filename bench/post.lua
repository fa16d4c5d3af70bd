-- Posts what is in a file, again and again: wrk -s post.lua URL -- FILE
function init(arguments)
  local file = assert(io.open(arguments[1]))
  wrk.method, wrk.body = "POST", file:read("a")
  wrk.headers["Content-Type"] = "application/json"
  file:close()
end
