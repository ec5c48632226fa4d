// The API's read, list and write as a Node service: Fastify, @fastify/jwt and pg. One process: a
// cluster of two was slower on two cores that PostgreSQL works on too.
import jwt from '@fastify/jwt'
import fastify from 'fastify'
import pg from 'pg'

const pool = new pg.Pool({
  connectionString: process.env.DATABASE_URL,
  max: Number(process.env.POOL_SIZE),
  min: 0,
  idleTimeoutMillis: 0,
})

const statements = {
  context: "select set_config('role', $1, true), set_config('request.jwt.claims', $2, true)",
  userGet: 'select row_to_json(u)::text as body from api.user_get($1) as u',
  userList:
    "select coalesce(json_agg(row_to_json(u)), '[]')::text as body from api.user_list(\"limit\" => $1) as u",
  userUpdate: 'select row_to_json(u)::text as body from api.user_update($1, full_name => $2) as u',
}

// One call as the caller, in a transaction of its own; statements are prepared under their names.
async function call(user, begin, name, values) {
  const client = await pool.connect()
  try {
    await client.query(begin)
    await client.query({
      name: 'context',
      text: statements.context,
      values: [user.role, JSON.stringify(user)],
    })
    const { rows } = await client.query({ name, text: statements[name], values })
    await client.query('commit')
    client.release()
    return rows[0]?.body
  } catch (error) {
    client.release(error)
    throw error
  }
}

function send(reply, body) {
  if (body === undefined || body === null) return reply.code(404).send({ error: 'not found' })
  return reply.type('application/json').send(body)
}

const app = fastify({ logger: false })

app.register(jwt, {
  secret: process.env.JWT_SECRET,
  verify: { algorithms: ['HS256'], allowedAud: 'penstock', allowedIss: 'penstock', cache: 1000 },
})
app.addHook('onRequest', (request) => request.jwtVerify())

const params = {
  type: 'object',
  properties: { user_id: { type: 'integer' } },
  required: ['user_id'],
}

app.get('/api/v1/users/:user_id', { schema: { params } }, async (request, reply) =>
  send(reply, await call(request.user, 'begin read only', 'userGet', [request.params.user_id])),
)

app.get(
  '/api/v1/users',
  {
    schema: {
      querystring: {
        type: 'object',
        properties: { limit: { type: 'integer', minimum: 1, maximum: 100, default: 20 } },
      },
    },
  },
  async (request, reply) =>
    send(reply, await call(request.user, 'begin read only', 'userList', [request.query.limit])),
)

app.patch(
  '/api/v1/users/:user_id',
  {
    schema: {
      params,
      body: {
        type: 'object',
        properties: { full_name: { type: 'string', minLength: 1, maxLength: 200 } },
        required: ['full_name'],
      },
    },
  },
  async (request, reply) =>
    send(
      reply,
      await call(request.user, 'begin', 'userUpdate', [
        request.params.user_id,
        request.body.full_name,
      ]),
    ),
)

await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT) })
