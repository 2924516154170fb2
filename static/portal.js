// What the pages can do better with a script. Everything here has a way without it.
"use strict";
(function () {
  const find = (selector, root) => (root || document).querySelector(selector);
  const each = (selector, root, act) => root.querySelectorAll(selector).forEach(act);

  // Where the list of languages stands, on every page.
  const PLACE = "#languages";

  function say(words) {
    const region = find("#said");
    if (region) {
      region.textContent = words;
    }
  }

  // Passphrases: shown and hidden where they are, without asking the server.
  function toggle(form) {
    const box = form.closest("[data-secret]");
    const clear = find("code.code", box);
    clear.hidden = !clear.hidden;
    find("code.masked", box).hidden = !clear.hidden;
    each("button:not([data-copy]) > span", form, (words) => { words.hidden = !words.hidden; });
  }

  function copy(button) {
    const box = button.closest("[data-secret]");
    const text = button.dataset.text || find("code.code", box).textContent;
    const done = () => copied(button, button.dataset.copy);
    const refused = () => {
      if (!copyOld(text)) {
        const form = find("[data-toggle]", box || document);
        if (form && find("code.code", box).hidden) {
          toggle(form);
        }
      } else {
        done();
      }
    };
    if (navigator.clipboard && window.isSecureContext) {
      navigator.clipboard.writeText(text).then(done, refused);
    } else {
      refused();
    }
  }

  // A home's link is read when it is copied, and never stands on the page. Where that fails, the button
  // does what it does without a script: it shows the link.
  function fetchAndCopy(button) {
    const body = new URLSearchParams(new FormData(button.form));
    body.append(button.name, button.value);
    const text = fetch(button.form.action, { method: "POST", headers: { Accept: "text/plain" }, body: body }).then((answer) => {
      if (!answer.ok || !/^text\/plain/.test(answer.headers.get("Content-Type"))) {
        throw new Error("no link");
      }
      return answer.text();
    });
    begin(button);
    copyLater(text).then(() => {
      end();
      copied(button, button.dataset.fetch);
    }, () => {
      end();
      button.removeAttribute("data-fetch");
      button.click();
    });
  }

  // Safari lets copy what comes later if it is promised at the press; older browsers copy once it is there.
  function copyLater(text) {
    const plain = () => text.then((known) => navigator.clipboard && window.isSecureContext ? navigator.clipboard.writeText(known) : copyOld(known) || Promise.reject());
    try {
      const blob = text.then((known) => new Blob([known], { type: "text/plain" }));
      return navigator.clipboard.write([new window.ClipboardItem({ "text/plain": blob })]).catch(plain);
    } catch (error) {
      return plain();
    }
  }

  function copyOld(text) {
    const area = document.createElement("textarea");
    area.value = text;
    area.setAttribute("readonly", "");
    area.className = "visually-hidden";
    document.body.appendChild(area);
    area.select();
    const worked = document.execCommand("copy");
    area.remove();
    return worked;
  }

  // The button itself says so for four seconds: nobody looks for a message elsewhere.
  function copied(button, news) {
    const words = find("span", button), use = find("use", button);
    const was = words.innerHTML, icon = use.getAttribute("href");
    if (button.classList.contains("done")) {
      return;
    }
    words.textContent = news;
    use.setAttribute("href", icon.replace(/#.*/, "#check"));
    button.classList.add("done");
    button.focus();
    say(news);
    setTimeout(() => {
      words.innerHTML = was;
      use.setAttribute("href", icon);
      button.classList.remove("done");
      say("");
    }, 4000);
  }

  // Large letters: what was typed on another device's keyboard, compared here and sent nowhere.
  function check(field) {
    const form = field.form, result = find(".checked", form), words = result.dataset;
    const letters = Array.from(document.querySelectorAll("#" + form.dataset.check + " .glyph"));
    const typed = Array.from(field.value);
    const at = typed.findIndex((character, index) => letters[index] && character !== letters[index].dataset.is);
    let news = "";
    if (at >= 0) {
      const name = letters[at].nextElementSibling.textContent;
      news = words.wrong.replace("NUMBER", at + 1).replace("NAME", () => name);
    } else if (typed.length > letters.length) {
      news = words.more;
    } else if (typed.length) {
      news = typed.length === letters.length ? words.all : words.right;
    }
    const wrong = at >= 0 || typed.length > letters.length;
    result.textContent = news;
    result.classList.toggle("error", wrong);
    field.closest(".field").classList.toggle("wrong", wrong);
    field.setAttribute("aria-invalid", wrong);
  }

  // A long list of people: those whose names have what is typed.
  function filter(form) {
    const list = document.getElementById(form.dataset.filter);
    const wanted = find("[type=search]", form).value.trim().toLowerCase();
    each("li", list, (row) => { row.hidden = !row.textContent.toLowerCase().includes(wanted); });
    const rest = find("details", list);
    if (rest) {
      rest.open = Boolean(wanted);
      find("summary", rest).hidden = Boolean(wanted);
    }
  }

  // Homes: how many of a page are ticked, and all of them at once.
  function count(form) {
    const boxes = Array.from(form.querySelectorAll("[name=unit]"));
    const picked = boxes.filter((box) => box.checked).length;
    find("[data-count] span", form).textContent = picked;
    find("[data-all]", form).checked = picked === boxes.length;
    boxes.forEach((box) => box.closest("tr").classList.toggle("picked", box.checked));
  }

  // Dates in the browser's own time zone and language.
  function localTime(element) {
    const written = element.getAttribute("datetime");
    const date = new Date(written);
    if (isNaN(date)) {
      return;
    }
    const language = document.documentElement.lang;
    element.title = date.toLocaleString(language, { dateStyle: "medium", timeStyle: "short" });
    if (element.dataset.local === "time") {
      // Under the heading of its day, which may be another one here.
      const same = date.getDate() === Number(written.slice(8, 10));
      element.textContent = same
        ? date.toLocaleTimeString(language, { hour: "numeric", minute: "2-digit" })
        : element.title;
    }
  }

  // Another language: for the page that is there by now, with what is typed in it, from where it was read.
  function translate(link) {
    const typed = find("#fields");
    const isHere = (link.getAttribute("href") || "?").startsWith("?");
    const address = new URL(typed ? typed.action : isHere ? location.href : link.href);
    address.searchParams.set("lang", link.dataset.language);
    address.hash = typed || isHere ? PLACE : "";
    if (typed) {
      // Who comes back to this page has its form as it was.
      const action = typed.action;
      typed.action = address.href;
      typed.submit();
      typed.action = action;
    } else {
      location.assign(address.href);
    }
  }

  function prepare(root) {
    each("[data-copy], [data-use], [data-print], [data-scripted]", root, (part) => { part.hidden = false; });
    each("[data-share]", root, (button) => { button.hidden = !navigator.share; });
    each("[data-local]", root, localTime);
    each("[data-unscripted]", root, (part) => { part.hidden = true; });
    // A browser ticks again what was ticked when somebody comes back.
    each("[data-selection]", root, count);
  }

  // The code of a link leaves the address bar and the history at once. One behind the # has not even
  // reached the server: the browser keeps it until the button is pressed.
  function takeCode() {
    const form = find("form[data-sign-in]");
    if (!form) {
      return;
    }
    const behind = location.hash === PLACE ? "" : location.hash;
    if (behind.length > 1) {
      let secret = behind.slice(1);
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
    if (behind || location.pathname !== address || /[?&]auth=/i.test(location.search)) {
      history.replaceState(null, "", address);
    }
  }

  // What was pressed shows it, can't be pressed again, and says so when it takes long.
  let waiting = null;

  function begin(element) {
    end();
    const note = document.createElement("p");
    note.className = "fine below";
    const timer = setTimeout(() => {
      note.textContent = document.body.dataset.slow;
      say(note.textContent);
      if (element.matches(".button")) {
        (element.closest(".actions") || element).after(note);
      } else {
        note.className = "slow";
        document.body.append(note);
      }
    }, 3000);
    element.classList.add("busy");
    element.setAttribute("aria-disabled", "true");
    waiting = { element, note, timer };
  }

  function end() {
    if (waiting) {
      clearTimeout(waiting.timer);
      if (waiting.note.textContent) {
        say("");
      }
      waiting.note.remove();
      waiting.element.classList.remove("busy");
      waiting.element.removeAttribute("aria-disabled");
      waiting = null;
    }
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.matches("[data-toggle]")) {
      event.preventDefault();
      toggle(form);
    } else if (form.matches("[data-check], [data-filter]")) {
      event.preventDefault();
    } else if (find(".busy", form)) {
      event.preventDefault();
      event.stopPropagation();
    } else if (event.submitter && event.submitter.matches("[data-fetch]")) {
      event.preventDefault();
      fetchAndCopy(event.submitter);
    } else {
      begin(event.submitter || find("button:not([type=button])", form) || form);
    }
  }, true);
  document.addEventListener("input", (event) => {
    const form = event.target.form;
    if (form && form.matches("[data-check]")) {
      check(event.target);
    } else if (form && form.matches("[data-filter]")) {
      filter(form);
    }
  });
  document.addEventListener("change", (event) => {
    const form = event.target.form;
    if (form && form.matches("[data-selection]")) {
      if (event.target.matches("[data-all]")) {
        each("[name=unit]", form, (box) => { box.checked = event.target.checked; });
      }
      count(form);
    }
  });
  document.addEventListener("click", (event) => {
    const target = event.target.closest("[data-copy], [data-use], [data-print], [data-share], [data-language], .busy");
    if (!target) {
      return;
    }
    if (target.matches(".busy")) {
      event.preventDefault();
      event.stopPropagation();
    } else if (target.matches("[data-copy]")) {
      copy(target);
    } else if (target.matches("[data-language]")) {
      event.preventDefault();
      event.stopPropagation();
      translate(target);
    } else if (target.matches("[data-print]")) {
      window.print();
    } else if (target.matches("[data-share]")) {
      // Who closes the share sheet has changed their mind.
      navigator.share({ text: target.dataset.share }).catch(() => {});
    } else {
      find("[name=passphrase]", target.form).value = target.dataset.use;
    }
  }, true);
  document.addEventListener("keydown", (event) => {
    const open = event.key === "Escape" && event.target.closest && event.target.closest("details[open]");
    if (open) {
      open.open = false;
      find("summary", open).focus();
    }
  });

  // Safari on a phone shows what is pressed, :active, only where something listens for touches.
  document.addEventListener("touchstart", () => {}, { passive: true });

  // Offline: said at once. What only reads is asked again when the network is back; a form never.
  let missed = null;
  let missedTimes = 0;

  function offline(is) {
    const note = find("#offline > *");
    if (note) {
      note.hidden = !is;
    }
  }

  function askAgain() {
    const again = missed && document.contains(missed) ? missed : find("[data-again]");
    missed = null;
    if (again) {
      again.click();
    }
  }

  // Who types has gone on: nothing takes that page away.
  document.addEventListener("input", () => {
    missed = null;
  });
  window.addEventListener("offline", () => offline(true));
  window.addEventListener("online", () => {
    offline(false);
    each("[data-look]", document, (section) => window.htmx.trigger(section, "look"));
    askAgain();
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) {
      end();
    }
  });

  // htmx
  // A checklist that was asked for before somebody ticked a device is older than what the tick shows.
  let ticks = 0;
  document.addEventListener("htmx:beforeRequest", (event) => {
    const { elt: element, requestConfig, target } = event.detail;
    if (target.id === "checklist") {
      ticks += requestConfig.verb === "post" ? 1 : 0;
      requestConfig.ticks = ticks;
    }
    if (element.matches("a")) {
      begin(element);
    }
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const { elt, requestConfig, successful, xhr } = event.detail;
    if (!elt.matches("[data-look]")) {
      end();
    }
    if (successful) {
      missed = null;
      missedTimes = 0;
      offline(false);
    } else if (xhr && xhr.status === 0) {
      offline(true);
      missed = requestConfig.verb === "get" && elt.matches("a") ? elt : null;
      if (missed && navigator.onLine) {
        // The network was back before it was known what was lost. Each time it is left alone for longer.
        missedTimes += 1;
        setTimeout(() => missed === elt && askAgain(), 1000 * 2 ** missedTimes);
      }
    }
  });
  // After a swap: the notice belongs to what was there before, focus goes to what there is to read.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const notice = find("#notice");
    const { requestConfig, target } = event.detail;
    if (target.id === "checklist" && requestConfig.verb === "get" && requestConfig.ticks < ticks) {
      event.detail.shouldSwap = false;
      return;
    }
    if (event.detail.isError && requestConfig.elt.matches("[data-look]")) {
      // It looks again by itself, below.
      event.detail.shouldSwap = false;
      return;
    }
    if (target.id === "main" && notice) {
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
      each(".tabs a", document, (tab) => {
        if (tab.dataset.place === swapped.dataset.place) {
          tab.setAttribute("aria-current", "page");
        } else {
          tab.removeAttribute("aria-current");
        }
      });
    } else if (swapped.id === "notice") {
      goal = find(".summary", swapped);
    } else if (swapped.id === "checklist" && event.detail.requestConfig.elt.matches("a, form")) {
      // What was pressed is gone; a list that came by itself takes no focus.
      goal = find("h2", swapped);
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

  takeCode();
  window.addEventListener("hashchange", takeCode);
  prepare(document);
  offline(!navigator.onLine);
})();
