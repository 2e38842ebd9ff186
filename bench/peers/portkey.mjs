// As published, 1.15.2 answers every stream with 500 on Node 20 and newer: it adds headers to what fetch gave it, which may not be
// changed. It is given responses whose headers may be.
const ask = globalThis.fetch
const Changeable = globalThis.Response
globalThis.fetch = async (...request) => {
  const answer = await ask(...request)
  return new Changeable(answer.body, answer)
}
