-- Makes COUNT tokens with what is in a file, and revokes each if told so; then ends, without wrk's
-- summary, for wrk itself would wait until its time is over:
-- wrk -s tokens.lua URL -- FILE COUNT [revoke]
local tokens, left, make, revokes = {}

function init(arguments)
  local file = assert(io.open(arguments[1]))
  make = wrk.format("POST", nil, {["Content-Type"] = "application/json"}, file:read("l"))
  file:close()
  left, revokes = tonumber(arguments[2]), arguments[3] == "revoke"
end

function request()
  local token = table.remove(tokens)
  return token and wrk.format("DELETE", nil, {
    ["X-Auth-Token"] = os.getenv("TOKEN"), ["X-Subject-Token"] = token
  }) or make
end

function response(status, headers, body)
  if status >= 300 then
    io.stderr:write(status, " ", body, "\n")
    os.exit(1)
  end
  if revokes and status == 201 then
    tokens[#tokens + 1] = headers["X-Subject-Token"]
    return
  end
  left = left - 1
  if left <= 0 then
    os.exit(0)
  end
end
