import { readService } from "./api.js";

/** In a larger pool, replicas are counted by node and not told one by one. */
export const REPLICAS_AT_MOST = 600;
const SERVICES_AT_MOST = 40;

/** Whether each replica of this pool can be followed. */
export const canFollow = (model) => model.replicaTotal() <= REPLICAS_AT_MOST && model.services.length <= SERVICES_AT_MOST;

/** Every replica with its id, node, state and start: read once, then kept true by what the engine observes. */
export class ReplicaSet {
  #replicas = new Map();
  #sinceReading = null;
  #generation = 0;
  /** Goes up with each change. */
  version = 0;
  isKnown = false;

  values() {
    return this.#replicas.values();
  }

  forget() {
    this.#generation++;
    this.#replicas.clear();
    this.#sinceReading = null;
    this.isKnown = false;
    this.version++;
  }

  /** Reads all replicas of these services. What is observed meanwhile is laid over the answers, which may be older. */
  async read(services) {
    const generation = ++this.#generation;
    this.#sinceReading = [];
    const answers = await Promise.all(services.map(({ name }) => readService(name)));
    if (generation !== this.#generation) return;
    this.#replicas = new Map(answers.flatMap(({ replicas }) => replicas.map((replica) => [replica.id, replica])));
    const missed = this.#sinceReading;
    this.#sinceReading = null;
    this.isKnown = true;
    missed.forEach((event) => this.take(event));
    this.version++;
  }

  /** @param event what the engine observed */
  take(event) {
    this.#sinceReading?.push(event);
    if (event.complete) this.#replicas.clear();
    for (const replica of event.changed) {
      if (this.#replicas.size < 2 * REPLICAS_AT_MOST || this.#replicas.has(replica.id)) this.#replicas.set(replica.id, replica);
    }
    for (const { replica } of event.gone) this.#replicas.delete(replica);
    this.version++;
  }
}
