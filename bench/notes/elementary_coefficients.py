"""The polynomial coefficients and constants of `primitives/elementary.py`, derived from scratch.

Run: `python bench/notes/elementary_coefficients.py` (mpmath). Each polynomial is Remez's relative minimax fit, found in
100 digits and rounded to float64. The leading terms of each function (r, r**2/2, 2*s ...) are exact and stay outside of
the polynomial, so that the roundings weigh little.
"""

import mpmath as mp

mp.mp.dps = 100


def series(f, terms=60):
    """A power series as a function, safe at 0; `f(k)` is the coefficient of w**k."""
    coefficients = [mp.mpf(f(k)) for k in range(terms)]
    return lambda w: mp.polyval(coefficients[::-1], w)


def remez(f, degree, interval, rounds=8):
    """Coefficients, lowest first, of the polynomial with the least relative error, and that error."""
    a, b = interval
    points = [(a + b) / 2 - (b - a) / 2 * mp.cos(mp.pi * k / (degree + 1)) for k in range(degree + 2)]
    for _ in range(rounds):
        rows = [[x**k for k in range(degree + 1)] + [(-1) ** i * abs(f(x))] for i, x in enumerate(points)]
        solution = mp.lu_solve(mp.matrix(rows), mp.matrix([f(x) for x in points]))
        coefficients = list(solution)[:-1]

        def error(x, coefficients=coefficients):
            return (mp.polyval(coefficients[::-1], x) - f(x)) / f(x)

        grid = [a + (b - a) * mp.mpf(k) / 400 for k in range(401)]
        errors = [error(x) for x in grid]
        cuts = [0] + [k for k in range(1, 401) if errors[k] * errors[k - 1] < 0] + [401]
        if len(cuts) != degree + 3:
            break
        points = [grid[max(range(i, j), key=lambda k: abs(errors[k]))] for i, j in zip(cuts, cuts[1:], strict=False)]
    return coefficients, max(abs(e) for e in errors)


def parts(value, bits, count):
    """`value` as a sum of `count` floats of at most `bits` bits each, and a last one of 53."""
    found, value = [], mp.mpf(value)
    for _ in range(count):
        scale = mp.mpf(2) ** (bits - 1 - int(mp.floor(mp.log(abs(value), 2))))
        found.append(float(mp.nint(value * scale) / scale))
        value -= found[-1]
    return [*found, float(value)]


HALF_LN2 = mp.log(2) / 2 + mp.mpf(2) ** -20
ODD = ((mp.sqrt(2) - 1) / (mp.sqrt(2) + 1)) ** 2 + mp.mpf(2) ** -20
ANGLE = (mp.pi / 4) ** 2 + mp.mpf(2) ** -20
POLYNOMIALS = {
    # (exp(r) - 1 - r - r**2/2) / r**3
    "EXP": (series(lambda k: 1 / mp.factorial(k + 3)), 9, (-HALF_LN2, HALF_LN2)),
    # (log((1+s)/(1-s)) - 2*s) / s**3, in w = s**2
    "LOG": (series(lambda k: mp.mpf(2) / (2 * k + 3)), 6, (0, ODD)),
    # the same less its first term, 2/3, over w: for the logarithm of two floats inside `power`
    "LOG_TAIL": (series(lambda k: mp.mpf(2) / (2 * k + 5)), 8, (0, ODD)),
    # (sin(r) - r) / r**3 and (cos(r) - 1 + r**2/2) / r**4, in w = r**2
    "SIN": (series(lambda k: (-1) ** (k + 1) / mp.factorial(2 * k + 3)), 5, (0, ANGLE)),
    "COS": (series(lambda k: (-1) ** k / mp.factorial(2 * k + 4)), 5, (0, ANGLE)),
}


def main():
    for name, (f, degree, interval) in POLYNOMIALS.items():
        coefficients, worst = remez(f, degree, interval)
        print(f"{name} = (  # relative error 2**{mp.nstr(mp.log(worst, 2), 4)}")
        for c in coefficients:
            print(f"    {float(c)!r},")
        print(")")
    print("LN2 =", parts(mp.log(2), 36, 1), parts(mp.log(2), 53, 1))
    print("INVERSE_LN2 =", repr(float(1 / mp.log(2))), "in two:", parts(1 / mp.log(2), 26, 1))
    print("LOG10_2 =", parts(mp.log10(2), 36, 1), "INVERSE_LN10 =", parts(1 / mp.log(10), 26, 1))
    print("HALF_PI =", parts(mp.pi / 2, 33, 3), parts(mp.pi / 2, 53, 1))
    print("TWO_OVER_PI =", repr(float(2 / mp.pi)))
    print("TWO_THIRDS =", parts(mp.mpf(2) / 3, 53, 1))


if __name__ == "__main__":
    main()
