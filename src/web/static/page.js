// @ts-check
// Progressive enhancement: replaces results in place, selects date ranges by dragging on the histogram,
// keeps selections across pages, steps through matches, handles keyboard shortcuts.

const root = document.documentElement;
root.classList.add('scripted');

/** @template {Element} T @param {string} selector @param {ParentNode} [within] @returns {T | null} */
const one = (selector, within = document) => within.querySelector(selector);
/** @template {Element} T @param {string} selector @param {ParentNode} [within] @returns {T[]} */
const all = (selector, within = document) => [...within.querySelectorAll(/** @type {any} */ (selector))];

/** @param {string} text */
function say(text) {
  const status = one('#status');
  if (status) status.textContent = text;
}

/** The URL of a search without its page number, which identifies its selection. @param {string} href */
function searchKey(href) {
  const url = new URL(href, location.href);
  for (const name of ['page', 'sort', 'lang']) url.searchParams.delete(name);
  url.searchParams.sort();
  return url.searchParams.toString();
}

// ---- Replacing results in place.

/** XMLHttpRequest parses HTML without running scripts, and without a string-to-markup sink, which
 * Trusted Types would block. @param {string} href @returns {Promise<Document>} */
function page(href) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('GET', href);
    request.responseType = 'document';
    request.onload = () => (request.response && one('#results', request.response) ? resolve(request.response) : reject());
    request.onerror = () => reject();
    request.send();
  });
}

let latest = 0;

/** @param {string} href @param {{ push: boolean }} how */
async function show(href, { push }) {
  const mine = ++latest;
  const results = one('#results');
  results?.setAttribute('aria-busy', 'true');
  say(one('#status')?.getAttribute('data-updating') ?? '');
  let next;
  try {
    next = await page(href);
  } catch {
    location.href = href;
    return;
  }
  if (mine !== latest) return;
  for (const selector of ['#results', '.tools']) {
    const [old, fresh] = [one(selector), one(selector, next)];
    if (old && fresh) old.replaceWith(document.adoptNode(fresh));
  }
  document.title = next.title;
  const [box, asked] = [input('#q'), /** @type {HTMLInputElement | null} */ (one('#q', next))];
  if (box && asked && document.activeElement !== box) box.value = asked.value;
  if (push) history.pushState({ swapped: true }, '', href);
  ready();
  say(one('#results')?.getAttribute('data-said') ?? '');
  if (push && document.activeElement !== box) {
    const summary = /** @type {HTMLElement | null} */ (one('#summary'));
    summary?.focus({ preventScroll: true });
    scrollTo({ top: 0 });
  }
}

/** @param {string} selector */
function input(selector) {
  return /** @type {HTMLInputElement | null} */ (one(selector));
}

/** @param {string} href */
function isSearch(href) {
  const url = new URL(href, location.href);
  return url.origin === location.origin && (url.pathname === '/search' || url.pathname === '/') && !!one('#results');
}

document.addEventListener('click', (event) => {
  if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = /** @type {Element} */ (event.target).closest('#results a[href]');
  if (!link) return;
  const href = link instanceof SVGAElement ? link.href.baseVal : /** @type {HTMLAnchorElement} */ (link).href;
  if (!isSearch(href)) return;
  event.preventDefault();
  void show(href, { push: true });
});

// Listen for `submit`, not for the Enter key: Enter also ends a Hangul composition.
document.addEventListener('submit', (event) => {
  const form = /** @type {HTMLFormElement} */ (event.target);
  if (form.method !== 'get' || !isSearch(form.action)) return;
  event.preventDefault();
  const fields = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (value !== '') fields.append(name, String(value));
  void show(`/search?${fields}`, { push: true });
});

addEventListener('popstate', () => {
  if (isSearch(location.href)) void show(location.href, { push: false });
});

// ---- Dragging a date range on the histogram.

function histogram() {
  const svg = /** @type {SVGSVGElement | null} */ (one('.histogram svg'));
  if (!svg) return;
  const bars = /** @type {SVGAElement[]} */ (all('a', svg));
  const shade = one('.drag', svg);
  const width = svg.viewBox.baseVal.width;
  /** @type {number | null} */
  let start = null;
  let moved = false;
  /** @param {PointerEvent} event */
  const at = (event) => {
    const box = svg.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * width;
    return Math.min(bars.length - 1, Math.max(0, Math.floor(x / 10)));
  };
  svg.addEventListener('pointerdown', (event) => {
    if (event.button === 0) [start, moved] = [at(event), false];
  });
  svg.addEventListener('pointermove', (event) => {
    if (start === null) return;
    const end = at(event);
    if (!moved && end === start) return;
    if (!moved) svg.setPointerCapture(event.pointerId);
    moved = true;
    const [low, high] = [Math.min(start, end), Math.max(start, end)];
    shade?.setAttribute('x', String(low * 10));
    shade?.setAttribute('width', String((high - low + 1) * 10));
  });
  const leave = () => {
    start = null;
    shade?.setAttribute('width', '0');
  };
  svg.addEventListener('pointerup', (event) => {
    if (start === null || !moved) return leave();
    const end = at(event);
    const first = bars[Math.min(start, end)];
    const last = bars[Math.max(start, end)];
    leave();
    const url = new URL(location.href);
    url.pathname = '/search';
    url.searchParams.set('from', first.dataset.from ?? '');
    url.searchParams.set('to', last.dataset.to ?? '');
    url.searchParams.delete('page');
    void show(url.href, { push: true });
  });
  svg.addEventListener('pointercancel', leave);
  // Do not follow the link on which the drag ended.
  svg.addEventListener('click', (event) => {
    if (moved) {
      event.preventDefault();
      event.stopPropagation();
    }
  }, true);
  svg.addEventListener('dragstart', (event) => event.preventDefault());
}

// ---- Selecting clippings across pages of one search.

/** @returns {Set<string>} */
function ticked() {
  try {
    const kept = JSON.parse(sessionStorage.getItem('ticked') ?? '{}');
    return new Set(kept.search === searchKey(location.href) ? kept.ids : []);
  } catch {
    return new Set();
  }
}

/** @param {Set<string>} ids */
function keep(ids) {
  sessionStorage.setItem('ticked', JSON.stringify({ search: searchKey(location.href), ids: [...ids] }));
}

function selection() {
  const form = one('#selection');
  if (!form) return;
  const ids = ticked();
  const boxes = /** @type {HTMLInputElement[]} */ (all('.tick', form));
  for (const box of boxes) box.checked = ids.has(box.value);
  const whole = input('#tick-page');
  const count = /** @type {HTMLOutputElement | null} */ (one('#ticked'));
  const untick = /** @type {HTMLButtonElement | null} */ (one('#untick'));
  const update = () => {
    if (whole) {
      whole.checked = boxes.length > 0 && boxes.every((box) => box.checked);
      whole.indeterminate = !whole.checked && boxes.some((box) => box.checked);
    }
    if (count) {
      count.value = (count.dataset.text ?? '').replace('{n}', String(ids.size));
      count.classList.toggle('some', ids.size > 0);
    }
    one('.export', form)?.classList.toggle('floating', ids.size > 0);
    if (untick) untick.hidden = ids.size === 0;
    const button = /** @type {HTMLButtonElement | null} */ (one('button[value=selected]', form));
    if (button) button.disabled = ids.size === 0;
  };
  const took = () => {
    for (const box of boxes) box.checked ? ids.add(box.value) : ids.delete(box.value);
    keep(ids);
    update();
  };
  form.addEventListener('change', (event) => {
    const target = /** @type {HTMLInputElement} */ (event.target);
    if (target === whole) for (const box of boxes) box.checked = target.checked;
    if (target === whole || target.classList.contains('tick')) took();
  });
  untick?.addEventListener('click', () => {
    ids.clear();
    for (const box of boxes) box.checked = false;
    keep(ids);
    update();
  });
  // Add the clippings selected on other pages.
  form.addEventListener('formdata', (event) => {
    const data = /** @type {FormDataEvent} */ (event).formData;
    data.delete('id');
    for (const id of ids) data.append('id', id);
  });
  update();
}

// ---- Filtering long facets.

function lists() {
  for (const facet of all('.facet')) {
    const find = /** @type {HTMLInputElement | null} */ (one('.find', facet));
    const rest = /** @type {HTMLDetailsElement | null} */ (one('.rest', facet));
    find?.addEventListener('input', () => {
      const sought = find.value.trim().toLowerCase();
      if (rest) rest.open = sought !== '';
      for (const item of /** @type {HTMLElement[]} */ (all('li', facet))) {
        item.hidden = sought !== '' && !(one('.name', item)?.textContent ?? '').toLowerCase().includes(sought);
      }
    });
  }
}

// ---- Stepping through matches.

/** @type {HTMLElement[]} */
let marks = [];
let position = -1;

/** @param {number} step @param {boolean} [quietly] */
function goToHit(step, quietly = false) {
  if (marks.length === 0) return;
  marks[position]?.classList.remove('at');
  position = (position + step + marks.length) % marks.length;
  const mark = marks[position];
  mark.classList.add('at');
  mark.scrollIntoView({ block: 'center', behavior: quietly ? 'instant' : undefined });
  const output = /** @type {HTMLOutputElement | null} */ (one('#hit-position'));
  if (output) {
    output.value = (output.dataset.text ?? '').replace('{total}', String(marks.length)).replace('{n}', String(position + 1));
    if (!quietly) say(output.value);
  }
}

function reading() {
  marks = all('#clipping mark');
  const bar = /** @type {HTMLElement | null} */ (one('#hit-nav'));
  if (!bar || marks.length === 0) return;
  bar.hidden = false;
  bar.addEventListener('click', (event) => {
    const button = /** @type {HTMLElement} */ (event.target).closest('button');
    if (button) goToHit(Number(button.dataset.step));
  });
  // The first match in the text; without one, the first of all.
  const first = Math.max(marks.findIndex((mark) => mark.closest('.body')), 0);
  const isInView = marks[first].getBoundingClientRect().bottom < innerHeight * 0.8;
  const before = scrollY;
  position = first - 1;
  goToHit(1, true);
  if (isInView || location.hash) scrollTo({ top: before, behavior: 'instant' });
}

function copying() {
  for (const button of /** @type {HTMLElement[]} */ (all('.copy'))) {
    // Pages that came unencrypted from another computer have no clipboard.
    button.hidden = !navigator.clipboard;
    button.addEventListener('click', async () => {
      await navigator.clipboard.writeText(one('code', /** @type {Element} */ (button.parentElement))?.textContent ?? '');
      say(one('#status')?.getAttribute('data-copied') ?? '');
      const label = button.textContent;
      button.textContent = one('#status')?.getAttribute('data-copied') ?? label;
      setTimeout(() => (button.textContent = label), 1500);
    });
  }
}

// ---- Adding: progress events, drag and drop.

/** Locks that limit the browser to three event streams: it opens at most six connections to a server,
 * and other requests need some of them. */
const STREAMS = ['progress-1', 'progress-2', 'progress-3'];

/** Calls `follow` while holding one of the locks, or `otherwise` if all are taken.
 * @param {() => Promise<void>} follow @param {() => void} otherwise */
async function withStream(follow, otherwise) {
  for (const name of navigator.locks ? STREAMS : []) {
    const isHeld = await navigator.locks.request(name, { ifAvailable: true }, async (lock) => {
      if (lock) await follow();
      return lock !== null;
    });
    if (isHeld) return;
  }
  otherwise();
}

function progress() {
  const job = /** @type {HTMLElement | null} */ (one('#job'));
  const address = job?.dataset.events;
  if (!job || !address) return;
  /** Shows a state; returns whether it is final. @param {string} json */
  const show = (json) => {
    const state = JSON.parse(json);
    const bar = /** @type {HTMLProgressElement | null} */ (one('progress', job));
    if (bar && state.percent !== null) bar.value = state.percent;
    const count = one('.so-far', job);
    if (count) count.textContent = (job.dataset.text ?? '').replace('{n}', state.clippings.toLocaleString());
    const current = one('.current', job);
    if (current) current.textContent = state.current;
    const isOver = state.phase !== 'reading' && state.phase !== 'adding';
    if (isOver) location.replace(location.href);
    return isOver;
  };
  const poll = async () => {
    try {
      const answer = await fetch(`${address}?once`);
      const text = await answer.text();
      if (!answer.ok || show(text.replace(/^data: /, ''))) return;
    } catch {
      // The server may be restarting.
    }
    setTimeout(poll, 2000);
  };
  const follow = () => new Promise((/** @type {(value: void) => void} */ resolve) => {
    const events = new EventSource(address);
    events.onmessage = (event) => {
      if (show(event.data)) {
        events.close();
        resolve();
      }
    };
    events.onerror = () => {
      if (events.readyState === EventSource.CLOSED) resolve();
    };
  });
  void withStream(follow, () => void poll());
}

/** The files of a dropped folder, with their paths. @param {any} entry @returns {Promise<[string, File][]>} */
async function filesOf(entry) {
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
    return [[entry.fullPath.replace(/^\//, ''), file]];
  }
  const reader = entry.createReader();
  /** @type {[string, File][]} */
  const files = [];
  for (;;) {
    // `readEntries` returns at most 100 entries per call.
    const entries = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (entries.length === 0) return files;
    for (const child of entries) files.push(...(await filesOf(child)));
  }
}

function uploading() {
  const form = /** @type {HTMLFormElement | null} */ (one('#upload'));
  if (!form) return;
  const output = /** @type {HTMLOutputElement | null} */ (one('#uploaded', form));
  /** @param {FormData} data */
  const send = (data) => {
    const request = new XMLHttpRequest();
    request.open('POST', form.action);
    request.upload.onprogress = (event) => {
      const percent = event.lengthComputable ? Math.floor((event.loaded / event.total) * 100) : 0;
      if (output) output.value = (form.dataset.uploading ?? '').replace('{percent}', String(percent));
    };
    const failed = () => {
      if (output) output.value = request.response?.querySelector?.('main')?.textContent?.trim() || String(request.status);
    };
    request.responseType = 'document';
    request.onload = () => (request.status < 400 ? location.assign(request.responseURL) : failed());
    request.onerror = failed;
    request.send(data);
  };
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const data = new FormData();
    for (const field of /** @type {HTMLInputElement[]} */ (all('input', form))) {
      if (field.type === 'checkbox' && field.checked) data.append(field.name, field.value);
      for (const file of field.files ?? []) data.append('file', file, file.webkitRelativePath || file.name);
    }
    send(data);
  });
  /** @param {DragEvent} event */
  const hasFiles = (event) => event.dataTransfer?.types.includes('Files') ?? false;
  addEventListener('dragover', (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    form.classList.add('over');
  });
  addEventListener('dragleave', (event) => {
    if (event.relatedTarget === null) form.classList.remove('over');
  });
  addEventListener('drop', async (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    form.classList.remove('over');
    // The browser clears the list when this handler first awaits.
    const dropped = [...(event.dataTransfer?.items ?? [])].map((item) => item.webkitGetAsEntry() ?? item.getAsFile());
    const data = new FormData();
    if (input('#upload input[name=keep_pages]')?.checked) data.append('keep_pages', '1');
    try {
      for (const one of dropped) {
        if (one instanceof File) data.append('file', one, one.name);
        else if (one) for (const [path, file] of await filesOf(one)) data.append('file', file, path);
      }
    } catch (error) {
      // A file that is gone or may not be read.
      if (output) output.value = String(error);
      return;
    }
    send(data);
  });
  // The CSP of this page blocks `javascript:` links; this one is for the bookmarks bar.
  one('.bookmarklet')?.addEventListener('click', (event) => event.preventDefault());
}

// ---- Keyboard shortcuts. With a Korean input method, `event.key` is a jamo, so `event.code` is
// checked too.

/** @type {number} */
let current = -1;

/** @param {number} step */
function goToResult(step) {
  const hits = /** @type {HTMLElement[]} */ (all('#results .hit'));
  if (hits.length === 0) {
    const link = /** @type {HTMLAnchorElement | null} */ (one(step > 0 ? 'a[rel=next]' : 'a[rel=prev]'));
    link?.click();
    return;
  }
  hits[current]?.classList.remove('current');
  current = Math.min(hits.length - 1, Math.max(0, current + step));
  const hit = hits[current];
  hit.classList.add('current');
  /** @type {HTMLElement | null} */ (one('h3 a', hit))?.focus({ preventScroll: true });
  hit.scrollIntoView({ block: 'nearest' });
}

/** @type {Record<string, () => void>} */
const keys = {
  j: () => goToResult(1),
  k: () => goToResult(-1),
  n: () => goToHit(1),
  p: () => goToHit(-1),
  o: () => /** @type {HTMLElement | null} */ (one('.hit.current h3 a'))?.click(),
  x: () => /** @type {HTMLElement | null} */ (one('.hit.current .tick'))?.click(),
  '/': () => {
    input('#q')?.focus();
    input('#q')?.select();
  },
  '?': () => /** @type {HTMLDialogElement | null} */ (one('#shortcuts'))?.showModal(),
};

document.addEventListener('keydown', (event) => {
  if (event.isComposing || event.keyCode === 229) return;
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const target = /** @type {Element} */ (event.target);
  if (target.closest('input:not([type=checkbox]), textarea, select, dialog, [contenteditable]')) return;
  let key = event.key;
  if (!(key in keys)) {
    if (event.code === 'Slash') key = event.shiftKey ? '?' : '/';
    else if (/^Key[A-Z]$/.test(event.code) && !event.shiftKey) key = event.code.slice(3).toLowerCase();
  }
  const act = keys[key];
  if (!act) return;
  event.preventDefault();
  act();
});

/** Runs on load and whenever results were replaced. */
function ready() {
  current = -1;
  histogram();
  selection();
  lists();
}

ready();
reading();
copying();
progress();
uploading();
