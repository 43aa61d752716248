// Starts the program with an index of its own, and a browser.

import { spawn, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { chromium } from 'playwright-core';

const root = new URL('../..', import.meta.url).pathname;
const program = process.env.CLIPPINGS ?? resolve(root, process.env.CARGO_TARGET_DIR ?? 'target', 'debug/clippings');

const hostile = [
  {
    id: 'hostile/1', outlet: '<b>적대일보</b>', reporters: ['</a><script>window.hacked=1</script>'],
    headline: '<script>window.hacked=1</script> 도서관 \u202e거꾸로\u202c "\'><img src=x onerror="window.hacked=1">',
    body: '</p></article><script>window.hacked=1</script><svg onload="window.hacked=1"> 도서관 {{ 7*7 }}\n<style>*{display:none}</style>',
    url: 'javascript:window.hacked=1', published: '2024-03-03', captions: ['<iframe src="javascript:window.hacked=1">'],
  },
  { id: 'hostile-2', headline: '도서관 '.repeat(200_000), body: '긴 제목', published: '2024-03-04' },
];

const words = '시청 공사 예산 주민 도로 다리 회의 계획 발표 의견 사업 구간 교통 시설 안전 점검 기간 비용 담당 설명 학교 병원 공원 시장 축제 하천 버스 요금 청년 노인 주택 전시 음악 체육 환경 나무 바다 산업 기술 연구'.split(' ');

/** Sentences that no other seed gives, so that no clipping is a near-duplicate of another. */
function sentence(seed) {
  let state = seed;
  // mulberry32
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return words[((t ^ (t >>> 14)) >>> 0) % words.length];
  };
  return `${Array.from({ length: 8 }, next).join(' ')} 알렸다.`;
}

/** Starts the server over the sample clippings, more of one subject, and hostile ones. */
export async function start(args = []) {
  const dir = mkdtempSync(join(tmpdir(), 'clippings-web-'));
  const index = join(dir, 'index');
  const many = Array.from({ length: 45 }, (_, n) => ({
    id: `many-${n}`, headline: `도서관 소식 ${n}호`, outlet: n % 3 ? '모두일보' : '저녁신문', reporters: [n % 2 ? '김하나' : '이두리'],
    published: `2024-${String((n % 12) + 1).padStart(2, '0')}-${String((n % 27) + 1).padStart(2, '0')}T09:30:00+09:00`,
    body: Array.from({ length: 30 }, (_, p) => (p === 25 ? `도서관이 늦게까지 문을 연다. ${sentence(n)}` : sentence(n * 100 + p))).join('\n'),
  }));
  const records = join(dir, 'records.jsonl');
  writeFileSync(records, [...many, ...hostile].map((record) => JSON.stringify(record)).join('\n'));
  execFileSync(program, ['add', '-q', '--keep-pages', '--index', index, records, join(root, 'fixtures')], { stdio: 'inherit' });
  const child = spawn(program, ['serve', '--index', index, '--listen', '127.0.0.1:0', ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  const base = await new Promise((resolve, reject) => {
    child.on('exit', () => reject(new Error(`the server ended: ${log}`)));
    createInterface({ input: child.stderr }).on('line', (line) => {
      log += `${line}\n`;
      const address = line.match(/http:\/\/\S+/);
      if (address) resolve(address[0].replace(/\/(\?.*)?$/, ''));
    });
  });
  const stop = () => {
    child.removeAllListeners('exit');
    child.kill();
    rmSync(dir, { recursive: true, force: true });
  };
  return { base, dir, index, stop, log: () => log };
}

export const launch = () =>
  chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });

/** Waits until `condition` holds in the page. What Playwright has for this evaluates a string, which the
 * policy of the pages forbids. */
export async function until(page, condition, argument) {
  const end = Date.now() + 30_000;
  for (;;) {
    try {
      if (await page.evaluate(condition, argument)) return;
    } catch {
      // The page is being replaced.
    }
    if (Date.now() > end) throw new Error(`still not so: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** A page that fails the test when something goes wrong in it. */
export async function open(context, address) {
  const page = await context.newPage();
  page.problems = [];
  page.on('pageerror', (error) => page.problems.push(String(error)));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) page.problems.push(message.text());
  });
  page.on('dialog', (dialog) => {
    page.problems.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  await page.goto(address);
  return page;
}
