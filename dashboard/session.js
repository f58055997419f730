import { openSession } from "./api.js";
import { byId, setText } from "./dom.js";

/**
 * The token of the engine: taken out of the address, or asked for, and exchanged for a cookie at
 * once. It is kept nowhere.
 */
export class Session {
  #dialog = byId("token");
  #onOpen;
  #isNeeded = false;

  /** @param onOpen is called when the engine has let the page in */
  constructor(onOpen) {
    this.#onOpen = onOpen;
    const outcome = byId("token-outcome");
    const value = byId("token-value");
    byId("token-form").addEventListener("submit", async (event) => {
      event.preventDefault();
      setText(outcome, "");
      try {
        await openSession(value.value.trim());
      } catch (error) {
        outcome.classList.add("error");
        setText(outcome, error.status === 401 ? "That is not the token of this engine." : `Not done: ${error.message}`);
        value.focus();
        return;
      }
      value.value = "";
      this.done();
      this.#onOpen();
    });
    // Without it there is nothing to see: whoever closes the form by Escape gets it back.
    this.#dialog.addEventListener("close", () => {
      if (this.#isNeeded) this.ask();
    });
    window.addEventListener("hashchange", async () => {
      if (await this.takeFromAddress()) this.#onOpen();
    });
  }

  /** Returns whether the address held a token; it is gone from there and from the history in any case. */
  async takeFromAddress() {
    const token = new URLSearchParams(location.hash.slice(1)).get("token");
    if (token === null) return false;
    history.replaceState(null, "", location.pathname + location.search);
    try {
      await openSession(token);
    } catch {
      // A wrong one is answered by the form, which comes with the first call that is refused.
    }
    return true;
  }

  ask() {
    this.#isNeeded = true;
    if (!this.#dialog.open) this.#dialog.showModal();
  }

  done() {
    this.#isNeeded = false;
    if (this.#dialog.open) this.#dialog.close();
  }
}
