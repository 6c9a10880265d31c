/** The models that come with the page: some from a spec in the core, some as files beside it. */

export interface Example {
  title: string;
  note: string;
  /** A spec of the core. */
  id?: string;
  /** Or a file beside the page, relative to it. */
  file: string;
}

export const first: Example = {
  id: 'resnet18-cifar100',
  file: '',
  title: 'ResNet-18, CIFAR-100',
  note: 'The network of most papers, from its spec',
};

export const examples: readonly Example[] = [first];
