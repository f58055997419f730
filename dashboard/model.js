import { millisOf } from "./format.js";

const NO_COUNTS = { starting: 0, running: 0, paused: 0, stopping: 0 };

/**
 * What the page knows of the engine: the last status with every event since laid over it. Views
 * read it whenever they draw; nothing here touches the document.
 */
export class Model {
  run = null;
  pool = "";
  orchestrator = "";
  startedAt = 0;
  resource = "slots";
  capacity = 0;
  used = 0;
  passes = 0;
  actionsInFlight = 0;
  unserved = 0;
  blind = null;
  stopped = null;
  services = [];
  byName = new Map();
  figures = null;
  nodes = [];
  nodesTotal = 0;
  lastPass = null;
  #offset = null;

  /** Takes in all of a status. Returns whether it is of another run than the one before. */
  takeStatus(status) {
    const anotherRun = this.run !== null && this.run !== status.run;
    this.run = status.run;
    this.pool = status.pool;
    this.orchestrator = status.orchestrator;
    this.startedAt = millisOf(status.startedAt);
    this.resource = status.chart.resource;
    this.capacity = status.chart.capacity;
    this.passes = status.passes;
    this.actionsInFlight = status.actionsInFlight;
    this.blind = status.blind;
    this.stopped = null;
    this.figures = status.figures;
    this.nodes = status.nodes;
    this.nodesTotal = status.nodesTotal;
    this.lastPass = status.lastPass;
    this.#settle(millisOf(status.at));
    const colours = colourer();
    this.services = status.services.map((service) => {
      const before = this.byName.get(service.name);
      const colour = colours(service.spec.remainder);
      return {
        name: service.name,
        spec: service.spec,
        perReplica: service.perReplica,
        colour,
        /** Differs where anything differs that does not change while an engine runs. */
        key: JSON.stringify([service.name, colour, service.spec]),
        reading: service.reading?.value ?? null,
        missing: service.reading?.missing ?? null,
        demand: service.spec.remainder ? 0 : (service.claim?.demand ?? 0),
        claim: service.claim?.replicas ?? 0,
        basis: service.claim?.basis ?? null,
        claimReason: service.claim?.reason ?? "no pass has been made yet",
        granted: service.grant?.granted ?? 0,
        grantReason: service.grant?.reason ?? "",
        counts: service.replicas ?? before?.counts ?? NO_COUNTS,
        backoff: service.backoff,
        override: service.override,
        waiting: service.waiting,
        work: service.work,
        actions: service.actions,
      };
    });
    this.byName = new Map(this.services.map((service) => [service.name, service]));
    return anotherRun;
  }

  takeFrame(frame) {
    this.#settle(frame.t);
    this.passes = frame.passes;
    this.actionsInFlight = frame.actionsInFlight;
    this.capacity = frame.capacity;
    this.used = frame.used;
    this.unserved = frame.unserved;
    if (!frame.blind) this.blind = null;
    for (const point of frame.services) {
      const service = this.byName.get(point.name);
      if (!service) continue;
      service.reading = point.reading;
      if (point.reading !== null) service.missing = null;
      service.demand = point.demand;
      service.claim = point.claim;
      service.granted = point.granted;
      service.counts = point;
    }
  }

  takePass(pass) {
    this.lastPass = {
      number: pass.number,
      at: pass.at,
      triggers: pass.triggers,
      took: pass.took,
      steps: pass.plan.steps,
      stepsTotal: pass.plan.steps.length,
      waiting: pass.plan.waiting,
    };
    for (const decision of pass.decisions) {
      const service = this.byName.get(decision.claim.service);
      if (!service) continue;
      service.basis = decision.claim.basis;
      service.claimReason = decision.claim.reason;
      service.grantReason = decision.grant.reason;
      service.waiting = [];
    }
    for (const waiting of pass.plan.waiting) this.byName.get(waiting.service)?.waiting.push(waiting);
  }

  takeBackoffs(backoffs) {
    for (const service of this.services) service.backoff = backoffs[service.name] ?? null;
  }

  takeOverride(name, override) {
    const service = this.byName.get(name);
    if (service) service.override = override;
  }

  takeWork(event) {
    const service = this.byName.get(event.service);
    if (service) service.work = event;
  }

  takeNodes(event) {
    this.nodes = event.nodes;
    this.nodesTotal = event.nodesTotal;
  }

  /** The engine's time now, in milliseconds; the browser's clock may be another. */
  now() {
    return performance.now() + (this.#offset ?? Date.now() - performance.now());
  }

  replicaTotal() {
    return this.services.reduce(
      (sum, { counts }) => sum + counts.starting + counts.running + counts.paused + counts.stopping,
      0,
    );
  }

  /** What of the chart's resource nobody holds. */
  free() {
    const held = this.services.reduce(
      (sum, { counts, perReplica }) => sum + (counts.starting + counts.running + counts.stopping) * perReplica,
      0,
    );
    return Math.max(0, this.capacity - held);
  }

  /**
   * The message that took least time on its way tells the clocks' difference best. It is let go of
   * slowly, since clocks drift.
   */
  #settle(engineMillis) {
    const offset = engineMillis - performance.now();
    const jumped = this.#offset === null || Math.abs(offset - this.#offset) > 5000;
    this.#offset = jumped || offset > this.#offset ? offset : this.#offset + (offset - this.#offset) * 0.01;
  }
}

/** Services that follow a demand and those that take the remainder have colours of their own. */
function colourer() {
  let following = 0;
  let remaining = 0;
  return (isRemainder) => (isRemainder ? `r${remaining++ % 3}` : `d${following++ % 8}`);
}

/** Whether what was set by hand adds a spike at this time. */
export const spikes = (override, now) =>
  override.spike > 0 && override.spikeUntil !== null && millisOf(override.spikeUntil) > now;

/** What the numbers of a reading are, in words. */
export function unitOf({ kind, target, ratePerReplica }) {
  switch (kind) {
    case "perReplicaTarget":
      return `${target} is the work of one replica`;
    case "targetUtilisation":
      return `how busy a replica is, as a fraction; ${target} is wanted`;
    case "queueDrainTime":
      return `items waiting; a replica does ${ratePerReplica} a second`;
    default:
      return "replicas";
  }
}
