-- Validates the tokens of a file in turn, one a line: wrk -s validate.lua URL -- FILE
local requests, at = {}, 0

function init(arguments)
  for token in io.lines(arguments[1]) do
    requests[#requests + 1] = wrk.format("GET", nil, {
      ["X-Auth-Token"] = os.getenv("TOKEN"), ["X-Subject-Token"] = token
    })
  end
end

function request()
  at = at % #requests + 1
  return requests[at]
end
