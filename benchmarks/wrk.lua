-- Sends the requests of a file in turn, and prints what wrk measured as one line of JSON.
-- A line of the file: method, path, headers ("name: value" joined by \1), body; tab-separated.

local requests = {}
local next_one = 0

function init(arguments)
    for line in io.lines(arguments[1]) do
        local method, path, headers, body = line:match("^([^\t]*)\t([^\t]*)\t([^\t]*)\t(.*)$")
        local fields = {}
        for name, value in headers:gmatch("([^\1:]+): ([^\1]*)") do
            fields[name] = value
        end
        if body == "" then body = nil end
        requests[#requests + 1] = wrk.format(method, path, fields, body)
    end
    -- Runs that follow each other begin at different places.
    next_one = os.time() % #requests
end

function request()
    next_one = next_one % #requests + 1
    return requests[next_one]
end

function done(summary, latency)
    local errors = summary.errors
    io.write(string.format(
        '\n{"requests": %d, "seconds": %.6f, "mean": %.3f, "p50": %d, "p95": %d, "p99": %d, "max": %d, '
            .. '"failed": %d, "refused": %d, "timeouts": %d}\n',
        summary.requests, summary.duration / 1e6, latency.mean,
        latency:percentile(50), latency:percentile(95), latency:percentile(99), latency.max,
        errors.status, errors.connect + errors.read + errors.write, errors.timeout
    ))
end
