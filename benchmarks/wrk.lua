-- Sends the requests of a file in turn.
-- A line of the file: method, path, headers ("name: value" joined by \1), body; tab-separated.

dofile(debug.getinfo(1, "S").source:match("^@(.*/)") .. "report.lua")

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
