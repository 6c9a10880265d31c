/** Starts the page: styles, shell, and the first score (of a link, or an example): there is no empty state. */
import { mount } from 'svelte';
import './app/tokens.css';
import './app/base.css';
import Shell from './app/Shell.svelte';
import { openFirst } from './app/first';
import { warmCore } from './app/warm';

const target = document.getElementById('app');
if (target) mount(Shell, { target });
openFirst();
warmCore();
