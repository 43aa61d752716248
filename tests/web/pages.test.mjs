// End-to-end tests of the pages in a real browser.

import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { launch, open, start, until } from './server.mjs';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const q = encodeURIComponent('도서관');

let server;
let browser;
/** Address of the script of all pages. */
let script;

before(async () => {
  server = await start();
  browser = await launch();
  script = (await (await fetch(server.base)).text()).match(/src="([^"]*page[^"]*\.js)"/)[1].replaceAll('&#x2f;', '/');
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
  bars: `/trend?q=${q}`, related: `/related?q=${q}`, terms: `/terms?terms=${q}%0A%EC%8B%9C%EC%B2%AD`, stats: '/stats', problem: '/nowhere', login: '/login', add: '/add',
});

const article = `시청 앞 다리 공사 다음 달 시작

모두일보 김하나 기자
입력 2024.02.22 10:31

시는 낡은 다리를 새로 놓는 공사를 다음 달 3일에 시작한다고 22일 밝혔다. 공사에는 200억원이 든다.
주민들은 공사 기간에 돌아가는 길이 좁아 아이들이 위험하다며 시에 대책을 물었다.
시는 임시 보행로를 먼저 열고 버스 노선 세 개를 바꾸겠다고 답했다.
공사는 2025년 6월에 끝난다.
`;

/** The page of an article with a headline of its own. */
const saved = (headline) => `<!doctype html><html><head><meta charset="utf-8"><title>${headline}</title>
<meta property="og:title" content="${headline}"><meta property="og:site_name" content="모두일보"></head><body><article>
<h1>${headline}</h1><p>${headline} 소식을 시가 22일 밝혔다. 공사에는 200억원이 든다고 담당 과장이 설명했다.</p>
<p>주민들은 공사 기간에 돌아가는 길이 좁아 아이들이 위험하다며 시에 대책을 물었다.</p>
<p>시는 임시 보행로를 먼저 열고 버스 노선 세 개를 바꾸겠다고 답했다.</p></article></body></html>`;

/** A preview of pasted text, opened in `page`. */
async function paste(page, text) {
  await page.goto(`${server.base}/add`);
  await page.fill('textarea[name=text]', text);
  await page.click('form[action="/add/text"] button');
  await page.waitForSelector('#keep');
}

describe('accessible (axe, WCAG 2.1 A and AA)', () => {
  for (const scheme of ['light', 'dark']) {
    for (const width of [360, 1280]) {
      test(`${scheme}, ${width} px`, async () => {
        await within({ viewport: { width, height: 800 }, colorScheme: scheme }, async (context) => {
          for (const [name, path] of Object.entries(pages())) {
            const page = await open(context, server.base + path);
            // The CSP allows no inline scripts, so axe is injected through the debugger.
            await page.evaluate(axe);
            const { violations } = await page.evaluate(() =>
              globalThis.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] }));
            const found = violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target).join(', ')}`);
            assert.deepEqual(found, [], name);
            const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
            assert.ok(overflow <= 0, `${name} is ${overflow} px too wide`);
            await page.close();
          }
          const page = await open(context, `${server.base}/add`);
          const check = async (name) => {
            await page.evaluate(axe);
            const { violations } = await page.evaluate(() =>
              globalThis.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] }));
            assert.deepEqual(violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target).join(', ')}`), [], name);
            const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
            assert.ok(overflow <= 0, `${name} is ${overflow} px too wide`);
          };
          // More than can be corrected, so that the list of others is tested once; axe is slow on it.
          const length = scheme === 'light' && width === 1280 ? 22 : 3;
          const many = Array.from({ length }, (_, n) => JSON.stringify({ headline: `기사 ${n} ${width} ${scheme}`, outlet: '저녁신문', published: '2024-02-03' }));
          await paste(page, `${many.join('\n')}\n{"url":"x"}\n`);
          await page.evaluate(() => document.querySelectorAll('details').forEach((d) => (d.open = true)));
          await check('preview');
          await page.fill('[name=published-0]', '어제쯤');
          await page.click('.decide .primary');
          await page.waitForSelector('#bad-date-0');
          await check('correction');
          await page.fill('[name=published-0]', '2024-02-04');
          await page.click('.decide .primary');
          await page.waitForSelector('.added');
          await check('done');
        });
      });
    }
  }
});

test('hostile clippings are escaped on every page', async () => {
  await within({}, async (context) => {
    for (const [name, path] of Object.entries(pages())) {
      const page = await open(context, server.base + path);
      assert.equal(await page.evaluate(() => globalThis.hacked), undefined, name);
      assert.deepEqual(page.problems.filter((p) => !p.includes('404')), [], name);
      const scripts = await page.evaluate(() => [...document.scripts].map((s) => new URL(s.src).pathname.split('.')[0]));
      assert.deepEqual(scripts, ['/static/page'], name);
      const links = await page.evaluate(() => [...document.querySelectorAll(':is(a, area)[href]:not(.bookmarklet)')].map((a) => new URL(a.href?.baseVal ?? a.href, location.href).protocol));
      assert.ok(links.every((protocol) => ['http:', 'https:'].includes(protocol)), name);
      await page.close();
    }
  });
});

test('a search replaces the results and the URL', async () => {
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

test('date ranges are selected by dragging or by clicking a bar', async () => {
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

test('a clipping opens at its first match and steps through matches', async () => {
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

test('five clippings selected on two pages are exported as a clip book', async () => {
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

test('Hangul composition triggers nothing, and shortcuts work with a Korean input method', async () => {
  await within({}, async (context) => {
    const page = await open(context, `${server.base}/search?q=${q}`);
    const session = await context.newCDPSession(page);
    await page.focus('#q');
    await page.fill('#q', '');
    const address = page.url();
    for (const text of ['ㅅ', '시', '싳', '시처', '시청']) {
      await session.send('Input.imeSetComposition', { text, selectionStart: text.length, selectionEnd: text.length });
    }
    // Enter ends a Hangul composition.
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

test('a pasted article is previewed, corrected and added', async () => {
  await within({}, async (context) => {
    const page = await open(context, `${server.base}/add`);
    await paste(page, article);
    assert.equal(await page.inputValue('[name=reporters-0]'), '김하나');
    await page.fill('[name=headline-0]', '다리 공사 3월 시작');
    await page.fill('[name=published-0]', '어제쯤');
    await page.click('.decide .primary');
    await page.waitForSelector('[name=published-0][aria-invalid]');
    assert.equal(await page.inputValue('[name=headline-0]'), '다리 공사 3월 시작');
    await page.fill('[name=published-0]', '2024-02-23');
    await page.click('.decide .primary');
    await page.click('.added a:has-text("다리 공사 3월 시작")');
    await page.waitForURL(/\/clippings\//);
    assert.match(await page.textContent('.clipping .facts'), /2024\. 2\. 23\./);
    assert.deepEqual(page.problems.filter((p) => !p.includes('400')), []);
  });
});

test('dropped files and folders are added, and skips are listed', async () => {
  await within({}, async (context) => {
    const page = await open(context, `${server.base}/add`);
    // A synthetic drop of files; scripts cannot create entries of folders.
    const files = { '새 다리 개통.html': saved('새 다리 개통'), '메모.txt': '짧은 메모', '새 공원 개장.html': saved('새 공원 개장') };
    const transfer = await page.evaluateHandle((files) => {
      const transfer = new DataTransfer();
      for (const [name, content] of Object.entries(files)) transfer.items.add(new File([content], name));
      return transfer;
    }, files);
    await page.dispatchEvent('main', 'dragover', { dataTransfer: transfer });
    assert.ok(await page.locator('#upload.over').isVisible());
    await page.dispatchEvent('main', 'drop', { dataTransfer: transfer });
    await page.waitForURL(/\/add\/[0-9a-f]{32}$/);
    await page.waitForSelector('#keep');
    assert.equal(await page.locator('fieldset').count(), 2);
    assert.match(await page.textContent('section[aria-labelledby=skips]'), /메모\.txt/);
    await page.locator('fieldset').nth(1).locator('[name=out]').check();
    await page.click('.decide .primary');
    await page.waitForSelector('.added');
    assert.equal(await page.locator('.added a').count(), 1);
    await page.click('.added a');
    await page.waitForSelector('#clipping');
    assert.ok(await page.locator('.actions a:has-text("보관한 원본")').isVisible());

    // A folder, by its input field.
    await page.goto(`${server.base}/add`);
    const folder = join(server.dir, '모음');
    await mkdir(join(folder, '2월'), { recursive: true });
    await writeFile(join(folder, '2월', '새 도로 개통.html'), saved('새 도로 개통'));
    await writeFile(join(folder, '.숨김'), '보이지 않는 파일');
    await page.setInputFiles('input[webkitdirectory]', folder);
    await page.click('#upload button');
    await page.waitForSelector('#keep');
    assert.match(await page.textContent('fieldset legend'), /모음\/2월\/새 도로 개통\.html/);
    assert.equal(await page.locator('section[aria-labelledby=skips]').count(), 0);
    assert.deepEqual(page.problems, []);
  });
});

test('ten tabs with progress do not exhaust the connections of the browser', async () => {
  await within({}, async (context) => {
    // A job that runs until stopped; the test mocks its events.
    const tabs = [];
    for (let n = 0; n < 10; n += 1) {
      const page = await context.newPage();
      let streams = 0;
      await page.route('**/add/running', (route) => route.fulfill({
        contentType: 'text/html',
        body: `<!doctype html><div id="job" data-events="/add/running/events" data-text="{n}"><progress max="100"></progress><b class="so-far"></b><i class="current"></i></div><script type="module" src="${script}"></script>`,
      }));
      page.on('request', (request) => {
        if (request.url().endsWith('/events')) streams += 1;
      });
      await page.route(/events\?once$/, (route) => route.fulfill({ contentType: 'text/event-stream', body: 'data: {"phase":"reading","clippings":7,"percent":5,"current":"a"}\n\n' }));
      await page.route(/events$/, () => {});
      await page.goto(`${server.base}/add/running`);
      tabs.push({ page, streams: () => streams });
    }
    await until(tabs[9].page, () => document.querySelector('.so-far').textContent === '7');
    const open = tabs.reduce((sum, tab) => sum + tab.streams(), 0);
    assert.ok(open >= 1 && open <= 3, `${open} streams`);
  });
});

test('the bookmarklet sends the current page for preview', async () => {
  await within({}, async (context) => {
    const page = await open(context, `${server.base}/add`);
    const bookmarklet = await page.getAttribute('.bookmarklet', 'href');
    await context.route('https://news.example/**', (route) => route.fulfill({ contentType: 'text/html; charset=utf-8', body: saved('북마클릿으로 보낸 기사') }));
    const article = await context.newPage();
    await article.goto('https://news.example/2024/1');
    const [sent] = await Promise.all([
      context.waitForEvent('page'),
      article.evaluate(decodeURIComponent(bookmarklet.replace(/^javascript:/, ''))),
    ]);
    await sent.waitForSelector('form.card');
    assert.match(await sent.textContent('form.card'), /https:\/\/news\.example\/2024\/1/);
    await sent.click('form.card button');
    await sent.waitForSelector('#keep');
    assert.equal(await sent.inputValue('[name=headline-0]'), '북마클릿으로 보낸 기사');
    assert.equal(await sent.inputValue('[name=url-0]'), 'https://news.example/2024/1');
    await sent.click('.decide .primary');
    await sent.waitForSelector('.added a');
  });
});

test('a read-only server does not offer adding', async () => {
  const other = await start(['--read-only']);
  try {
    await within({}, async (context) => {
      const page = await open(context, other.base);
      assert.equal(await page.locator('a[href="/add"]').count(), 0);
      const answer = await page.goto(`${other.base}/add`);
      assert.equal(answer.status(), 403);
    });
  } finally {
    other.stop();
  }
});

test('adding works with scripts off', async () => {
  await within({ javaScriptEnabled: false, viewport: { width: 360, height: 740 } }, async (context) => {
    const page = await context.newPage();
    await page.goto(`${server.base}/add`);
    await page.setInputFiles('input[name=file][multiple]', [{ name: '새 학교 개교.html', mimeType: 'text/html', buffer: Buffer.from(saved('새 학교 개교')) }]);
    await page.click('#upload button');
    await page.waitForSelector('#keep');
    await page.fill('[name=reporters-0]', '이두리');
    await page.click('.decide .primary');
    await page.waitForSelector('.added a');
    await page.click('.added a');
    assert.match(await page.textContent('.clipping .facts'), /이두리/);
  });
});

test('a stored page opens without scripts or network access', async () => {
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
