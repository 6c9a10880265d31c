/** Starts the page: styles, shell, and the first score, so that there is no empty state. */
import { mount } from 'svelte';
import './app/tokens.css';
import './app/base.css';
import Shell from './app/Shell.svelte';
import { session } from './app/session.svelte';

const target = document.getElementById('app');
if (target) mount(Shell, { target });
void session.openExample('resnet18-cifar100');
