-- Posts the lines of a file in turn: wrk -s post.lua URL -- FILE
local requests, at = {}, 0

function init(arguments)
  for line in io.lines(arguments[1]) do
    requests[#requests + 1] = wrk.format("POST", nil, {["Content-Type"] = "application/json"}, line)
  end
end

function request()
  at = at % #requests + 1
  return requests[at]
end
