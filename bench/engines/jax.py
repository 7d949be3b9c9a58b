"""JAX: double precision switched on, programs compiled before they are timed."""

import jax
import jax.numpy as jnp

from bench import arrays

jax.config.update("jax_enable_x64", True)


def draw(paths):
    key = jax.random.key(1)
    program = jax.jit(lambda key: arrays.corner(jax.random.normal(key, (arrays.SIDE, arrays.SIDE))))
    return compiled(program, key)


def compiled(program, argument):
    ready = program.lower(argument).compile()
    return lambda: ready(argument).block_until_ready()


def in_memory(program):
    def prepare(paths):
        return compiled(jax.jit(program), jnp.asarray(arrays.normal(arrays.LENGTH)))

    return prepare


QUERIES = {
    "array-slice": draw,
    "array-smooth": in_memory(lambda x: arrays.smooth(jnp, x)),
    "array-branches": in_memory(lambda x: arrays.branches(jnp, x)),
}
array_answer = arrays.array_answer
