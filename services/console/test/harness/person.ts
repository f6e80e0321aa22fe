import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import type { Account } from './account.js';

export interface PersonOptions {
  /** Whose page is opened; default 1. */
  readonly gateway?: number;
  /** The beginning of the username. */
  readonly name?: string;
  readonly dark?: boolean;
  /** A screen of 360 by 740. */
  readonly phone?: boolean;
  /** Default 1280 by 800. */
  readonly viewport?: { readonly width: number; readonly height: number };
}

/** What a slow machine may need for one step. */
export const SLOW_MS = 20_000;

const SCREENSHOTS = fileURLToPath(new URL('../../screenshots/', import.meta.url));
const PHONE = { width: 360, height: 740 };
const DESK = { width: 1280, height: 800 };
/** A connection that was cut on purpose is an error to the browser, not to us. */
const EXPECTED = /WebSocket connection to|Failed to load resource|net::ERR_/;

/** One person in a browser window of their own. */
export class Person {
  private readonly found: string[] = [];

  private constructor(
    readonly page: Page,
    readonly origin: string,
    readonly account: Account | undefined,
    private readonly context: BrowserContext,
  ) {}

  static async enter(
    browser: Browser,
    origin: string,
    origins: readonly string[],
    options: PersonOptions,
    account: Account | undefined,
  ): Promise<Person> {
    const context = await browser.newContext({
      viewport: options.viewport ?? (options.phone === true ? PHONE : DESK),
      hasTouch: options.phone === true,
      colorScheme: options.dark === true ? 'dark' : 'light',
      permissions: ['camera', 'microphone', 'clipboard-read', 'clipboard-write'],
      locale: 'en-GB',
      reducedMotion: 'reduce',
    });
    const page = await context.newPage();
    page.setDefaultTimeout(SLOW_MS);
    const person = new Person(page, origin, account, context);
    person.listen(origins);
    if (account !== undefined) await context.addInitScript(`(${signIn.toString()})(${JSON.stringify(account.grant)})`);
    await page.goto(`${origin}/`);
    await page.locator('h1').first().waitFor();
    return person;
  }

  get username(): string {
    return this.account?.username ?? '';
  }

  get id(): string {
    return this.account?.id ?? '';
  }

  get token(): string {
    return this.account?.token ?? '';
  }

  /** To a room, with what follows it in the address: `open('document', roomId)`. */
  async open(place: string, ...rest: readonly string[]): Promise<void> {
    await this.page.evaluate(
      `location.hash = ${JSON.stringify(`#/${[place, ...rest].map(encodeURIComponent).join('/')}`)}`,
    );
    const title = place.charAt(0).toUpperCase() + place.slice(1);
    await this.page.getByRole('heading', { level: 1, name: title }).waitFor();
  }

  /** The room's connection is there. */
  async connected(): Promise<void> {
    await this.page.locator('.room-head [data-state=ready]').waitFor();
  }

  /** By the switch in the page's head. */
  async cut(): Promise<void> {
    await this.page.getByRole('button', { name: 'Cut connection' }).click();
    await this.page.getByRole('button', { name: 'Restore connection' }).waitFor();
  }

  async restore(): Promise<void> {
    await this.page.getByRole('button', { name: 'Restore connection' }).click();
  }

  /** To a gateway, by the switch. */
  async move(choice: number): Promise<void> {
    await this.page
      .getByRole('banner')
      .getByLabel('Gateway')
      .selectOption({ index: choice - 1 });
  }

  /** What the browser held against the page: its policy broken, errors, requests to others. */
  problems(): readonly string[] {
    return this.found;
  }

  /** An artefact for people; nothing compares it. */
  async screenshot(name: string): Promise<void> {
    mkdirSync(SCREENSHOTS, { recursive: true });
    await this.page.screenshot({ path: `${SCREENSHOTS}${name}.png` });
  }

  async leave(): Promise<void> {
    await this.context.close();
  }

  private listen(origins: readonly string[]): void {
    const { page } = this;
    page.on('pageerror', (error) => this.found.push(`error: ${error.message}`));
    page.on('console', (message) => {
      if (message.type() === 'error' && !EXPECTED.test(message.text())) this.found.push(`console: ${message.text()}`);
    });
    const known = new Set(origins.flatMap((origin) => [origin, origin.replace('http', 'ws')]));
    const check = (url: string): void => {
      if (!url.startsWith('blob:') && !known.has(new URL(url).origin.replace('null', ''))) {
        this.found.push(`a request to ${url}`);
      }
    };
    page.on('request', (request) => check(request.url()));
    page.on('websocket', (socket) => check(socket.url()));
  }
}

/** Runs in the page, before its own script: as if this window had signed in before. Once, so that signing out works. */
function signIn(grant: { access_token: string; refresh_token: string; expires_in: number; user: object }): void {
  if (sessionStorage.getItem('test.signed-in') !== null) return;
  sessionStorage.setItem('test.signed-in', 'yes');
  const login = {
    user: grant.user,
    accessToken: grant.access_token,
    refreshToken: grant.refresh_token,
    renewAt: Date.now() + (grant.expires_in * 1_000) / 2,
  };
  sessionStorage.setItem('parley.login', JSON.stringify(login));
}
