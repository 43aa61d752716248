// What people do on the pages, in a real browser.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { after, before, describe, test } from 'node:test';
import { launch, open, start, until } from './server.mjs';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const q = encodeURIComponent('도서관');

let server;
let browser;

before(async () => {
  server = await start();
  browser = await launch();
  await fetch(`${server.base}/api/saved`, {
    method: 'POST', headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: '도서관', query: '도서관' }),
  });
});

after(async () => {
  await browser?.close();
  server?.stop();
});

async function within(options, run) {
  const context = await browser.newContext({ locale: 'ko-KR', reducedMotion: 'reduce', ...options });
  try {
    await run(context);
  } finally {
    await context.close();
  }
}

const pages = () => ({
  home: '/', search: `/search?q=${q}`, filtered: `/search?q=${q}&outlet=${encodeURIComponent('모두일보')}&from=2024-02`,
  nothing: `/search?q=${encodeURIComponent('쀍뚫')}`, reading: `/clippings/many-1?q=${q}&n=3`, hostile: `/clippings/hostile%2F1?q=${q}`,
  long: '/clippings/hostile-2', saved: `/saved?q=${q}`, digest: '/digest', trend: `/trend?q=${q}&q=${encodeURIComponent('시청')}&share=1`,
  bars: `/trend?q=${q}`, related: `/related?q=${q}`, terms: `/terms?terms=${q}%0A%EC%8B%9C%EC%B2%AD`, stats: '/stats', problem: '/nowhere', login: '/login',
});

describe('accessible (axe, WCAG 2.1 A and AA)', () => {
  for (const scheme of ['light', 'dark']) {
    for (const width of [360, 1280]) {
      test(`${scheme}, ${width} px`, async () => {
        await within({ viewport: { width, height: 800 }, colorScheme: scheme }, async (context) => {
          for (const [name, path] of Object.entries(pages())) {
            const page = await open(context, server.base + path);
            // The policy of the page allows no inline script; the test's own comes from the debugger.
            await page.evaluate(axe);
            const { violations } = await page.evaluate(() =>
              globalThis.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] }));
            const found = violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target).join(', ')}`);
            assert.deepEqual(found, [], name);
            const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
            assert.ok(overflow <= 0, `${name} is ${overflow} px too wide`);
            await page.close();
          }
        });
      });
    }
  }
});

test('a hostile clipping does nothing on any page', async () => {
  await within({}, async (context) => {
    for (const [name, path] of Object.entries(pages())) {
      const page = await open(context, server.base + path);
      assert.equal(await page.evaluate(() => globalThis.hacked), undefined, name);
      assert.deepEqual(page.problems.filter((p) => !p.includes('404')), [], name);
      const scripts = await page.evaluate(() => [...document.scripts].map((s) => new URL(s.src).pathname.split('.')[0]));
      assert.deepEqual(scripts, ['/static/page'], name);
      const links = await page.evaluate(() => [...document.links].map((a) => a.protocol));
      assert.ok(links.every((protocol) => ['http:', 'https:'].includes(protocol)), name);
      await page.close();
    }
  });
});

test('a search is swapped in and the address follows', async () => {
  await within({}, async (context) => {
    const page = await open(context, server.base);
    await page.evaluate(() => (globalThis.mark = true));
    await page.fill('#q', '도서관');
    await page.press('#q', 'Enter');
    await page.waitForURL(/\/search\?q=/);
    await until(page, () => document.querySelector('.asked')?.textContent === '도서관');
    assert.ok(await page.evaluate(() => globalThis.mark), 'the page was loaded anew');
    assert.match(await page.textContent('#status'), /건 찾음/);
    await page.click('.facet .value:has-text("저녁신문")');
    await page.waitForSelector('.chips a');
    assert.match(decodeURIComponent(page.url()), /outlet=저녁신문/);
    assert.equal(await page.evaluate(() => document.activeElement.id), 'summary');
    await page.goBack();
    await until(page, () => !document.querySelector('.chips'));
    assert.equal(await page.inputValue('#q'), '도서관');
    assert.deepEqual(page.problems, []);
  });
});

test('a span is dragged on the histogram, or chosen by a bar', async () => {
  await within({ viewport: { width: 1280, height: 900 } }, async (context) => {
    const page = await open(context, `${server.base}/search?q=${q}&from=2024&to=2024`);
    const box = await page.locator('.histogram svg').boundingBox();
    await page.mouse.move(box.x + box.width * 0.3, box.y + 30);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.6, box.y + 30, { steps: 5 });
    await page.mouse.up();
    await page.waitForURL(/from=2024-\d\d-\d\d&to=2024-\d\d-\d\d/);
    await page.waitForSelector('.chips a:has-text("2024-")');
    assert.deepEqual(page.problems, []);
  });
});

test('reading begins at the first match and steps through them', async () => {
  await within({ viewport: { width: 1000, height: 600 } }, async (context) => {
    const page = await open(context, `${server.base}/search?q=${q}`);
    await page.click('.hit h3 a:has-text("소식 1호")');
    await page.waitForSelector('#hit-nav:not([hidden])');
    const total = await page.locator('#clipping mark').count();
    assert.ok(total >= 2);
    const inView = await page.evaluate(() => {
      const box = document.querySelector('mark.at').getBoundingClientRect();
      return box.top >= 0 && box.bottom <= innerHeight;
    });
    assert.ok(inView, 'the match is not in view');
    const first = await page.textContent('#hit-position');
    await page.keyboard.press('n');
    assert.notEqual(await page.textContent('#hit-position'), first);
    await page.click('a[rel=next], a[rel=prev]');
    await page.waitForURL(/clippings/);
    await page.click('#back');
    await page.waitForURL(/\/search\?q=.*#hit-/);
    assert.deepEqual(page.problems, []);
  });
});

test('five ticked clippings of two pages become a clip book', async () => {
  await within({ acceptDownloads: true }, async (context) => {
    const page = await open(context, `${server.base}/search?q=${encodeURIComponent('"도서관 소식"')}`);
    for (const n of [0, 1, 2]) await page.locator('.tick').nth(n).check();
    await page.click('a[rel=next]');
    await until(page, () => location.search.includes('page=2') && document.querySelector('.hits').start === 21);
    for (const n of [0, 1]) await page.locator('.tick').nth(n).check();
    assert.match(await page.textContent('#ticked'), /5건/);
    const [download] = await Promise.all([page.waitForEvent('download'), page.click('button[value=selected]')]);
    assert.match(download.suggestedFilename(), /5건.*\.html$/);
    const book = await readFile(await download.path(), 'utf8');
    assert.equal(book.match(/<article/g).length, 5);
  });
});

test('all results are exported as a table', async () => {
  await within({ acceptDownloads: true }, async (context) => {
    const page = await open(context, `${server.base}/search?q=${encodeURIComponent('"도서관 소식"')}`);
    await page.selectOption('select[name=format]', 'csv');
    const [download] = await Promise.all([page.waitForEvent('download'), page.click('button[value=all]')]);
    const table = await readFile(await download.path(), 'utf8');
    const rows = table.split('\n').filter((line) => line.startsWith('many-')).length;
    const said = Number((await page.textContent('button[value=all]')).match(/\d+/)[0]);
    assert.ok(said > 30);
    assert.equal(rows, said);
    assert.match(download.suggestedFilename(), new RegExp(`-${said}건`));
  });
});

test('a search is saved, opened and removed', async () => {
  await within({}, async (context) => {
    const page = await open(context, `${server.base}/search?q=${encodeURIComponent('시청')}`);
    await page.click('a:has-text("이 검색 저장")');
    await page.fill('input[name=name]', '시청소식');
    await page.click('button:has-text("저장")');
    await page.waitForSelector('h2:has-text("시청소식")');
    await page.click('h2 a:has-text("시청소식")');
    await page.waitForURL(/search\?q=%40/);
    assert.ok((await page.locator('.hit').count()) > 0);
    await page.goto(`${server.base}/saved`);
    await page.click('button[aria-label*="시청소식"]');
    await until(page, () => !document.body.textContent.includes('시청소식'));
  });
});

test('Hangul in composition fires nothing, and shortcuts work while it is on', async () => {
  await within({}, async (context) => {
    const page = await open(context, `${server.base}/search?q=${q}`);
    const session = await context.newCDPSession(page);
    await page.focus('#q');
    await page.fill('#q', '');
    const address = page.url();
    for (const text of ['ㅅ', '시', '싳', '시처', '시청']) {
      await session.send('Input.imeSetComposition', { text, selectionStart: text.length, selectionEnd: text.length });
    }
    // The key that ends a composition.
    await session.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', windowsVirtualKeyCode: 229, key: 'Process', code: 'Enter' });
    assert.equal(page.url(), address);
    await session.send('Input.insertText', { text: '시청' });
    await page.press('#q', 'Enter');
    await until(page, () => document.querySelector('.asked')?.textContent === '시청');

    await page.evaluate(() => document.activeElement.blur());
    const hangul = (key, code) => page.evaluate(([key, code]) => {
      document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key, code, bubbles: true, cancelable: true }));
    }, [key, code]);
    await hangul('ㅓ', 'KeyJ');
    await hangul('ㅓ', 'KeyJ');
    await hangul('ㅏ', 'KeyK');
    assert.equal(await page.evaluate(() => document.querySelector('.hit.current').id), 'hit-1');
    await hangul('ㅌ', 'KeyX');
    assert.ok(await page.isChecked('#hit-1 .tick'));
    await hangul('/', 'Slash');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'q');
    await page.keyboard.type('j');
    assert.match(await page.inputValue('#q'), /j/);
    await page.evaluate(() => document.activeElement.blur());
    await page.keyboard.press('?');
    assert.ok(await page.locator('#shortcuts[open]').isVisible());
    assert.deepEqual(page.problems, []);
  });
});

test('everything works with scripts off, on a phone', async () => {
  await within({ javaScriptEnabled: false, viewport: { width: 360, height: 740 }, acceptDownloads: true }, async (context) => {
    const page = await context.newPage();
    await page.goto(server.base);
    await page.fill('#q', '도서관');
    await page.click('.box button');
    assert.match(page.url(), /search\?q=/);
    await page.click('.to-filters');
    await page.click('.facet .value:has-text("모두일보")');
    assert.match(decodeURIComponent(page.url()), /outlet=모두일보/);
    await page.fill('input[name=from]', '2024-02');
    await page.click('.filters button');
    assert.match(page.url(), /from=2024-02/);
    const bar = page.locator('.histogram a').first();
    await page.goto(new URL(await bar.getAttribute('href'), server.base).href);
    assert.match(page.url(), /from=2024-0/);
    await page.locator('.tick').first().check();
    await page.selectOption('select[name=format]', 'jsonl');
    const [download] = await Promise.all([page.waitForEvent('download'), page.click('button[value=selected]')]);
    assert.equal((await readFile(await download.path(), 'utf8')).trim().split('\n').length, 1);
    await page.locator('.hit h3 a').first().click();
    assert.match(page.url(), /clippings\//);
    await page.goto(`${server.base}/terms`);
    await page.fill('textarea', '도서관\n시청');
    await page.click('button.primary:has-text("세기")');
    assert.equal(await page.locator('.counts tbody tr').count(), 2);
  });
});

test('a stored page opens without its scripts and without the network', async () => {
  const { hits } = await (await fetch(`${server.base}/api/search?limit=100`)).json();
  let opened = 0;
  await within({}, async (context) => {
    for (const { id } of hits.filter((hit) => hit.id.startsWith('many-') === false).slice(0, 40)) {
      const address = `${server.base}/clippings/${encodeURIComponent(id)}/page`;
      const answer = await fetch(address);
      if (answer.status !== 200 || !answer.headers.get('content-type').startsWith('text/html')) continue;
      const policy = answer.headers.get('content-security-policy');
      assert.match(policy, /^sandbox; default-src 'none'/);
      const page = await context.newPage();
      const answered = [];
      page.on('response', (response) => answered.push(response.url()));
      await page.goto(address);
      assert.deepEqual(answered.filter((url) => url !== address && !url.startsWith('data:')), []);
      assert.equal(await page.evaluate(() => globalThis.origin), 'null');
      await page.close();
      opened += 1;
      if (opened === 3) break;
    }
  });
  assert.ok(opened > 0, 'no stored page');
});
