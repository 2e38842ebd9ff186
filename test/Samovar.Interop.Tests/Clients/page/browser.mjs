import { chromium } from 'playwright-core';

/** How long a page may take to show what it was given, in ms. */
export const PATIENCE = 20_000;

/** Headless, and the one that CHROMIUM names. */
export const openBrowser = () =>
  chromium.launch({ executablePath: process.env.CHROMIUM, args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'] });
