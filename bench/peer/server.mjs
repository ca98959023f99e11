// The usual way to build such a server on Node: fastify takes the request, bullmq keeps it in Redis.
// Started by bench/api.py: REDIS_PORT and PORT in the environment, one process per PROCESSES behind one port.
import cluster from 'node:cluster'
import { Queue } from 'bullmq'
import fastify from 'fastify'
import Redis from 'ioredis'

const processes = Number(process.env.PROCESSES)
const port = Number(process.env.PORT)

if (cluster.isPrimary && processes > 1) {
  let listening = 0
  cluster.on('listening', () => { if (++listening === processes) console.log('ready') })
  for (let i = 0; i < processes; i++) cluster.fork()
} else {
  const connection = new Redis({ host: '127.0.0.1', port: Number(process.env.REDIS_PORT), maxRetriesPerRequest: null })
  const queue = new Queue('videos', { connection })
  const app = fastify()
  const key = `Bearer ${process.env.KEY}`
  app.addHook('onRequest', async (request, reply) => {
    if (request.headers.authorization !== key) return reply.code(401).send({ error: { code: 'invalid_api_key' } })
  })
  const body = {
    type: 'object',
    required: ['model', 'image_url', 'audio_url', 'audio_duration_seconds'],
    properties: {
      model: { type: 'string' }, image_url: { type: 'string', format: 'uri' }, audio_url: { type: 'string', format: 'uri' },
      audio_duration_seconds: { type: 'number', minimum: 2, maximum: 300 }, prompt: { type: 'string', maxLength: 2500 }
    }
  }
  const seen = job => ({
    id: job.id, task_id: job.id, object: 'video.generation.job', model: job.data.model, created_at: job.timestamp / 1000 | 0
  })
  app.post('/v1/video/generations', { schema: { body } }, async request => {
    const job = await queue.add('video', request.body)
    return { ...seen(job), status: 'queued' }
  })
  app.get('/v1/video/generations/:id', async (request, reply) => {
    const job = await queue.getJob(request.params.id)
    if (!job) return reply.code(404).send({ error: { code: 'task_not_found' } })
    return { ...seen(job), status: await job.getState() }
  })
  await app.listen({ host: '127.0.0.1', port })
  if (processes <= 1) console.log('ready')
}
