-- 70% GET, 20% POST, 5% PUT, 5% DELETE. A file says who calls and what there is:
-- "user id token", "staff token", "read path", "put id version json-without-version", "post id author".
-- What a PUT needs (the version) and a DELETE (a post of one's own) comes from earlier answers.

dofile(debug.getinfo(1, "S").source:match("^@(.*/)") .. "report.lua")

local PREFIX = "/api/v1"
local reads, users, tokens, free, versions, bodies, posts = {}, {}, {}, {}, {}, {}, {}
local staff
local dice = math.random

local kinds = {
    user = function(id, token)
        users[#users + 1] = id
        tokens[id] = token
    end,
    staff = function(token) staff = token end,
    read = function(path) reads[#reads + 1] = path end,
    put = function(id, version, body)
        free[#free + 1] = id
        versions[id] = tonumber(version)
        bodies[id] = body
    end,
    post = function(id, author) posts[#posts + 1] = {id, author} end,
}

function init(arguments)
    for line in io.lines(arguments[1]) do
        local words = {}
        for word in line:gmatch("[^\t]+") do words[#words + 1] = word end
        kinds[words[1]](unpack(words, 2))
    end
    for number, path in ipairs(reads) do
        local user = users[number % #users + 1]
        reads[number] = wrk.format("GET", PREFIX .. path, {
            Host = "localhost", Authorization = "Bearer " .. tokens[path:match("^/users/(%d+)$") or user]
        })
    end
    math.randomseed(42)
end

local function send(method, path, token, body)
    local headers = {Host = "localhost", Authorization = "Bearer " .. token}
    if body then headers["Content-Type"] = "application/json" end
    return wrk.format(method, PREFIX .. path, headers, body)
end

local function write_post()
    local user = users[dice(#users)]
    return send("POST", "/posts", tokens[user], '{"title": "Mixed load", "body": "One of many posts."}')
end

function request()
    local chance = dice(100)
    if chance <= 70 then return reads[dice(#reads)] end
    if chance <= 90 then return write_post() end
    if chance <= 95 and #free > 0 then
        local id = table.remove(free, dice(#free))
        return send("PUT", "/products/" .. id, staff, bodies[id] .. ', "version": ' .. versions[id] .. "}")
    end
    local post = table.remove(posts)
    if post then return send("DELETE", "/posts/" .. post[1], tokens[post[2]]) end
    return write_post()
end

function response(status, _, body)
    if status == 201 then
        posts[#posts + 1] = {body:match('"id": ?(%d+)'), body:match('"author_id": ?(%d+)')}
    elseif status == 200 and body:byte() == 123 then
        local version = body:match('"version": ?(%d+)')
        local id = version and body:match('"id": ?(%d+)')
        if id and versions[id] and tonumber(version) > versions[id] then
            versions[id] = tonumber(version)
            free[#free + 1] = id
        end
    end
end
