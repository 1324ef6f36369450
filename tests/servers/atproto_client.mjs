// Bluesky's own client, for citizens who post and officers who answer in the app.
// Usage: node atproto_client.mjs SERVICE   (node_modules in $NODE_DIR or the current folder)
// One JSON command per line on stdin, one JSON answer per line on stdout: {"ok": ...} or {"error": ...}.
import { createRequire } from 'node:module';
import path from 'node:path';
import readline from 'node:readline';

const require = createRequire(path.resolve(process.env.NODE_DIR || '.', 'x.js'));
const { AtpAgent, RichText } = require('@atproto/api');
const service = process.argv[2];
const agents = new Map();

async function agentOf({ as: handle, password }) {
  if (!agents.has(handle)) {
    const agent = new AtpAgent({ service });
    await agent.login({ identifier: handle, password });
    agents.set(handle, agent);
  }
  return agents.get(handle);
}

async function write(agent, { text }, more = {}) {
  const rich = new RichText({ text });
  await rich.detectFacets(agent); // resolves each @handle to its DID, as the app does
  const { uri, cid } = await agent.post({ text: rich.text, facets: rich.facets, ...more });
  return { uri, cid };
}

async function place(agent, uri) {
  const [, , repo, , rkey] = uri.split('/');
  const { uri: at, cid, value } = await agent.getPost({ repo, rkey });
  return { root: value.reply?.root ?? { uri: at, cid }, parent: { uri: at, cid } };
}

const verbs = {
  post: write,
  reply: async (agent, command) => write(agent, command, { reply: await place(agent, command.to) }),
  like: async (agent, { uri, cid }) => (await agent.like(uri, cid)).uri,
  delete: async (agent, { uri }) => { await agent.deletePost(uri); return uri; },
  thread: async (agent, { uri }) => (await agent.getPostThread({ uri, depth: 20 })).data.thread,
  posts: async (agent, { uris }) => (await agent.getPosts({ uris })).data.posts,
  notifications: async (agent) => (await agent.listNotifications({ limit: 100 })).data.notifications,
};

for await (const line of readline.createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  let answer;
  try {
    answer = { ok: await verbs[command.do](await agentOf(command), command) };
  } catch (error) {
    answer = { error: String(error) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
