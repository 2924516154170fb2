// What the pages can do better with a script. Everything here has a way without it.
"use strict";
(function () {
  const find = (selector, root) => (root || document).querySelector(selector);
  const each = (selector, root, act) => root.querySelectorAll(selector).forEach(act);

  function say(words) {
    const region = find("#said");
    if (region) {
      region.textContent = words;
    }
  }

  // Passphrases: shown and hidden where they are, without asking the server.
  function toggle(form) {
    const box = form.closest("[data-secret]");
    const button = find("button", form);
    const clear = find("code.code", box);
    clear.hidden = !clear.hidden;
    find("code.masked", box).hidden = !clear.hidden;
    const words = form.dataset.toggle;
    form.dataset.toggle = button.textContent;
    button.textContent = words;
  }

  function copy(button) {
    const text = find("code.code", button.closest("[data-secret]")).textContent;
    const done = () => say(button.dataset.copy);
    if (navigator.clipboard && window.isSecureContext) {
      navigator.clipboard.writeText(text).then(done, () => copyOld(text, done));
    } else {
      copyOld(text, done);
    }
  }

  function copyOld(text, done) {
    const area = document.createElement("textarea");
    area.value = text;
    area.setAttribute("readonly", "");
    area.className = "visually-hidden";
    document.body.appendChild(area);
    area.select();
    if (document.execCommand("copy")) {
      done();
    }
    area.remove();
  }

  // Dates in the browser's own time zone and language.
  function localTime(element) {
    const exact = find(".exact", element);
    const date = new Date(element.getAttribute("datetime"));
    if (exact && !isNaN(date)) {
      exact.textContent = " (" + date.toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" }) + ")";
    }
  }

  function prepare(root) {
    each("[data-copy], [data-use]", root, (button) => { button.hidden = false; });
    each("[data-local]", root, localTime);
  }

  // The code of a link leaves the address bar and the history at once. One behind the # has not even
  // reached the server: the browser keeps it until the button is pressed.
  function takeCode() {
    const form = find("form[data-sign-in]");
    if (!form) {
      return;
    }
    if (location.hash.length > 1) {
      let secret = location.hash.slice(1);
      try {
        secret = decodeURIComponent(secret);
      } catch (error) {
        // Not percent-encoded: taken as it is.
      }
      const code = find("[data-code]", form);
      find("[name=secret]", form).value = secret;
      if (code) {
        code.hidden = true;
      }
    }
    const address = new URL(form.action).pathname;
    if (location.hash || location.pathname !== address || /[?&]auth=/i.test(location.search)) {
      history.replaceState(null, "", address);
    }
  }

  // Panels open below a section's buttons; closing one goes back to what opened it.
  let opener = null;

  function close(link) {
    const panel = link.closest(".panel");
    if (!panel) {
      return false;
    }
    panel.textContent = "";
    if (opener && document.contains(opener)) {
      opener.focus();
    }
    return true;
  }

  document.addEventListener("submit", (event) => {
    if (event.target.matches("[data-toggle]")) {
      event.preventDefault();
      toggle(event.target);
    }
  });
  document.addEventListener("click", (event) => {
    const target = event.target.closest("[data-copy], [data-close], [data-use], [data-opens]");
    if (!target) {
      return;
    }
    if (target.matches("[data-copy]")) {
      copy(target);
    } else if (target.matches("[data-use]")) {
      find("[name=passphrase]", target.form).value = target.dataset.use;
    } else if (target.matches("[data-opens]")) {
      opener = target;
    } else if (close(target)) {
      event.preventDefault();
      event.stopPropagation();
    }
  }, true);

  // After a swap: the notice belongs to what was there before, focus goes to what there is to read.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const notice = find("#notice");
    if (event.detail.isError && event.detail.requestConfig.elt.matches("[data-look]")) {
      // It looks again by itself, below.
      event.detail.shouldSwap = false;
      return;
    }
    if (event.detail.target.id === "main" && notice) {
      notice.textContent = "";
    }
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    const swapped = event.detail.elt;
    prepare(document);
    let goal = null;
    if (swapped.id === "main") {
      goal = find(".summary, .messages", swapped) || find("h1", swapped);
      if (goal && goal.tagName === "H1") {
        goal.tabIndex = -1;
      }
    } else if (swapped.id === "notice") {
      goal = find(".summary", swapped);
    } else if (swapped.classList.contains("panel")) {
      goal = find("h3", swapped);
    } else if (swapped.matches(".wifi")) {
      const news = find("[role=status]", swapped);
      say(news ? news.textContent : "");
    }
    if (goal) {
      goal.focus();
    }
  });

  // A phone loses the Wi-Fi when its passphrase is reset: keep looking until it is back, for ten minutes.
  const since = new WeakMap();

  function lookAgain(event) {
    const section = event.detail.elt.closest("[data-look]");
    if (!section) {
      return;
    }
    if (!since.has(section)) {
      since.set(section, Date.now());
    }
    if (Date.now() - since.get(section) < 600000) {
      setTimeout(() => window.htmx.trigger(section, "look"), 5000);
    }
  }

  ["htmx:sendError", "htmx:timeout", "htmx:responseError"].forEach((name) => document.addEventListener(name, lookAgain));
  window.addEventListener("online", () => each("[data-look]", document, (section) => window.htmx.trigger(section, "look")));

  takeCode();
  window.addEventListener("hashchange", takeCode);
  prepare(document);
})();
