-- Sends the requests of a file in turn, over connections that begin one after another.
-- All at once, the last of them would wait while the others are accepted: which is the longest
-- request of many a run, and says nothing of what else goes on.

dofile(debug.getinfo(1, "S").source:match("^@(.*/)") .. "wrk.lua")

local APART = 8  -- milliseconds
local connections
local begun = 0
local read = init

function init(arguments)
    read(arguments)
    connections = tonumber(arguments[2])
end

function delay()
    if begun == connections then return 0 end
    begun = begun + 1
    return begun * APART
end
