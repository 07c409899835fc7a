// Swaps what has changed on the page, in place: focus, place, open details and what is typed stay.
"use strict";
(() => {
  const body = document.body;
  const EVERY = 30000; // milliseconds: ages grow also when nothing changes
  let source = null, timer = null, busy = false, again = false;

  function morph(from, to) {
    if (from.isEqualNode(to)) return;
    if (from.nodeType !== Node.ELEMENT_NODE) {
      from.nodeValue = to.nodeValue;
      return;
    }
    if (from.matches("input, select")) return;
    for (const name of from.getAttributeNames()) {
      if (name !== "open" && !to.hasAttribute(name)) from.removeAttribute(name);
    }
    for (const name of to.getAttributeNames()) {
      if (name !== "open") from.setAttribute(name, to.getAttribute(name));
    }
    children(from, to);
  }

  function children(from, to) {
    const keyed = new Map();
    for (const child of from.children) {
      if (child.dataset.key) keyed.set(child.dataset.key, child);
    }
    let at = from.firstChild;
    for (const wanted of to.childNodes) {
      const key = wanted.dataset && wanted.dataset.key;
      const fits = at && at.nodeName === wanted.nodeName && !(at.dataset && at.dataset.key);
      const found = key ? keyed.get(key) : fits ? at : null;
      if (!found || found.nodeName !== wanted.nodeName) {
        from.insertBefore(document.importNode(wanted, true), at);
        continue;
      }
      if (found === at) at = at.nextSibling;
      else from.insertBefore(found, at);
      morph(found, wanted);
    }
    while (at) {
      const next = at.nextSibling;
      at.remove();
      at = next;
    }
  }

  // Times of day as the reader's clock shows them; the page itself has them in UTC, in the same form.
  function local() {
    const two = (number) => String(number).padStart(2, "0"), today = new Date().toDateString();
    const zoned = new Intl.DateTimeFormat(document.documentElement.lang, { timeZoneName: "short" });
    const zones = new Map(); // by offset: a zone has two names, and asking is slow
    for (const shown of document.querySelectorAll("time[datetime] .clock")) {
      const at = new Date(shown.parentElement.dateTime), offset = at.getTimezoneOffset();
      if (!zones.has(offset)) {
        zones.set(offset, zoned.formatToParts(at).find((part) => part.type === "timeZoneName").value);
      }
      const day = { month: at.getMonth() + 1, day: at.getDate() };
      const dated = body.dataset.day.replace(/\{(\w+)(:02)?\}/g, (_, name, wide) => wide ? two(day[name]) : day[name]);
      const clock = `${two(at.getHours())}:${two(at.getMinutes())} ${zones.get(offset)}`;
      shown.textContent = at.toDateString() === today ? clock : `${dated} ${clock}`;
    }
  }

  function swap(page) {
    const focused = document.activeElement;
    const href = focused && focused.getAttribute("href");
    document.title = page.title;
    for (const part of ["link[rel=icon]", "header", "main"]) {
      const now = document.querySelector(part), next = page.querySelector(part);
      if (now && next) morph(now, next);
    }
    body.dataset.state = page.body.dataset.state;
    local();
    if (!focused || focused === document.activeElement) return;
    const same = [...document.querySelectorAll("a[href]")].find((a) => a.getAttribute("href") === href);
    const wanted = focused.isConnected ? focused : same;
    if (wanted) wanted.focus({ preventScroll: true });
  }

  async function refresh() {
    if (busy) {
      again = true;
      return;
    }
    busy = true;
    let fine = false;
    try {
      const answer = await fetch(location.href, { cache: "no-store" });
      fine = answer.ok;
      if (fine) swap(new DOMParser().parseFromString(await answer.text(), "text/html"));
    } catch {
      fine = false;
    }
    document.getElementById("offline").hidden = fine;
    busy = false;
    if (again) {
      again = false;
      refresh();
    }
  }

  function tell(event) {
    if (event.data === body.dataset.state) return;
    refresh().then(() => {
      document.getElementById("said").textContent = document.querySelector("h1").textContent;
    });
  }

  // A browser has six connections to a host: tabs that nobody sees hold none.
  function follow() {
    if (document.hidden) {
      if (source) source.close();
      clearInterval(timer);
      source = timer = null;
    } else if (!timer) {
      timer = setInterval(refresh, EVERY);
      source = new EventSource(body.dataset.live);
      source.addEventListener("state", tell);
    }
  }

  // After the first paint: a page is read before it is followed.
  requestAnimationFrame(() => setTimeout(() => {
    local();
    document.addEventListener("visibilitychange", follow);
    follow();
  }));
})();
