import { chromium } from 'playwright-core';

/** Headless, and the one that CHROMIUM names. */
export const openBrowser = () =>
  chromium.launch({ executablePath: process.env.CHROMIUM, args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'] });
