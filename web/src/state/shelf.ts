/** What was fetched, kept as long as there is room: what was asked for longest ago goes first. */

export class Shelf<Thing> {
  /** Oldest first. */
  readonly #things = new Map<string, Promise<Thing>>();
  /** Of what has arrived. */
  readonly #sizes = new Map<string, number>();
  readonly #sizeOf: (thing: Thing) => number;
  readonly #room: number;
  #used = "";

  constructor(room: number, sizeOf: (thing: Thing) => number) {
    this.#room = room;
    this.#sizeOf = sizeOf;
  }

  has(name: string): boolean {
    return this.#things.has(name);
  }

  /** The thing of this name, made if it is not there; it stays at least until the next is used. */
  use(name: string, make: () => Promise<Thing>): Promise<Thing> {
    this.#used = name;
    const thing = this.have(name, make);
    this.#makeRoom();
    return thing;
  }

  /** As `use`, of what may be used later. */
  have(name: string, make: () => Promise<Thing>): Promise<Thing> {
    const thing = this.#things.get(name) ?? this.#add(name, make());
    this.#things.delete(name);
    this.#things.set(name, thing);
    return thing;
  }

  #add(name: string, thing: Promise<Thing>): Promise<Thing> {
    this.#things.set(name, thing);
    thing.then((arrived) => {
      this.#sizes.set(name, this.#sizeOf(arrived));
      this.#makeRoom();
    }, () => this.#things.delete(name));
    return thing;
  }

  #makeRoom(): void {
    let taken = [...this.#sizes.values()].reduce((sum, size) => sum + size, 0);
    for (const name of [...this.#things.keys()]) {
      if (taken <= this.#room) return;
      const size = this.#sizes.get(name);
      if (size === undefined || name === this.#used) continue;
      this.#things.delete(name);
      this.#sizes.delete(name);
      taken -= size;
    }
  }
}
