import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { PASSWORD } from './server.js';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export interface Look {
  readonly width?: number;
  readonly height?: number;
  readonly locale?: 'id' | 'en';
  readonly theme?: 'light' | 'dark';
}

export interface Browser {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Errors of the console and of the page, in their order. */
  readonly errors: string[];
  close(): Promise<void>;
}

/** A real browser with a profile of its own: a private window would have no installable app. */
export async function openBrowser(look: Look = {}): Promise<Browser> {
  const profile = await mkdtemp(join(tmpdir(), 'palang-browser-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: '/usr/bin/chromium',
    args: FLAGS,
    headless: true,
    viewport: { width: look.width ?? 1280, height: look.height ?? 800 },
    colorScheme: look.theme ?? 'light',
    timezoneId: 'Asia/Jakarta',
  });
  if (look.locale !== undefined) {
    await context.addInitScript(`localStorage.setItem('palang.locale', ${JSON.stringify(look.locale)})`);
  }
  const page = context.pages()[0] ?? (await context.newPage());
  page.setDefaultTimeout(10_000);
  const errors: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(`${message.text()} ${message.location().url}`);
  });
  page.on('pageerror', (error) => errors.push(String(error)));
  return {
    context,
    page,
    errors,
    async close() {
      await context.close();
      await rm(profile, { recursive: true, force: true });
    },
  };
}

/** Resolves when the expression, which may be a promise, is true in the page. @throws when it is not within 10 s. */
export async function until(page: Page, expression: string): Promise<void> {
  const deadline = Date.now() + 10_000;
  while ((await page.evaluate(expression)) !== true) {
    if (Date.now() > deadline) throw new Error(`Never true: ${expression}`);
    await page.waitForTimeout(100);
  }
}

/** Signs in as a person would. */
export async function signIn(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await page.locator('input[name=username]').fill('sari');
  await page.locator('input[name=password]').fill(PASSWORD);
  await page.locator('button[type=submit]').click();
  await page.locator('article.tile').first().waitFor();
}
