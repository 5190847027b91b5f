-- Sends the requests of a file in turn and counts the answers that are not what was asked for.
-- Arguments: the file (method, path, token, body; tab-separated) and the fewest bytes a right answer has.

local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init(arguments)
  requests, at, wrong = {}, 0, 0
  shortest = tonumber(arguments[2])
  for line in io.lines(arguments[1]) do
    local method, path, token, body = line:match("^(%S+)\t(%S+)\t(%S+)\t(.*)$")
    local headers = {["Authorization"] = "Bearer " .. token, ["Accept"] = "application/json"}
    if body ~= "" then
      headers["Content-Type"] = "application/json"
    end
    table.insert(requests, wrk.format(method, path, headers, body ~= "" and body or nil))
  end
end

function request()
  at = at % #requests + 1
  return requests[at]
end

function response(status, headers, body)
  if status ~= 200 or #body < shortest or body:find('"errors":', 1, true) then
    wrong = wrong + 1
  end
end

function done(summary, latency)
  local failures = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  for _, thread in ipairs(threads) do
    failures = failures + thread:get("wrong")
  end
  io.write(string.format(
    '\n{"requests": %d, "seconds": %f, "p50_ms": %f, "p99_ms": %f, "failures": %d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, failures
  ))
end
