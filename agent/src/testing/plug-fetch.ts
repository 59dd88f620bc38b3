import type { Fetch } from '../meters/http-json.js';
import type { SimulatedPlug } from '../meters/simulated/plug-display.js';

/** A plug without a network between. */
export const fetchOf =
  (plug: Pick<SimulatedPlug, 'respond'>): Fetch =>
  async (url, { headers }) => {
    const answer = plug.respond(new URL(url), headers['authorization']);
    return new Response(JSON.stringify(answer.body), {
      status: answer.status,
      ...(answer.headers && { headers: answer.headers }),
    });
  };
