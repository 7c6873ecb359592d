// Follows one submission until it is graded: by server-sent events, or by asking when a proxy breaks those.

const ASK_EVERY = 700; // milliseconds

/**
 * @param {string} url the submission's address
 * @param {(state: object) => void} onProgress called with every new state
 * @returns {Promise<object>} the submission with its result
 */
export async function follow(url, onProgress) {
  return (await byEvents(url, onProgress)) ?? byAsking(url, onProgress);
}

/** Resolves with null when the stream ends without a result. */
function byEvents(url, onProgress) {
  return new Promise((resolve) => {
    const stream = new EventSource(`${url}/events`);
    const end = (state) => {
      stream.close();
      resolve(state);
    };
    stream.addEventListener("progress", (event) => onProgress(JSON.parse(event.data)));
    stream.addEventListener("result", (event) => end(JSON.parse(event.data)));
    stream.addEventListener("error", () => end(null));
  });
}

async function byAsking(url, onProgress) {
  let failures = 0;
  for (;;) {
    try {
      const response = await fetch(url);
      if (!response.ok) throw new Error(`${url}: ${response.status}`);
      failures = 0;
      const state = await response.json();
      if (state.status === "done") return state;
      onProgress(state);
    } catch (error) {
      failures += 1;
      if (failures > 60) throw error; // the service may be starting again; give it a while
    }
    await new Promise((resolve) => setTimeout(resolve, ASK_EVERY));
  }
}
