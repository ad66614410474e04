# Independent values from R's evd (Stephenson 2002). Run in this folder:  Rscript generate_evd.R > evd.json
# Only numbers are stored; the fits are to the copies of the series that come with evd.
suppressMessages(library(evd))

number <- function(x) ifelse(is.infinite(x), ifelse(x > 0, "Infinity", "-Infinity"), ifelse(is.na(x), "NaN", sprintf("%.17g", x)))
vector <- function(x) paste0("[", paste(number(x), collapse = ", "), "]")

# ------------------------------------------------------------------ the distribution
shapes <- c(0, 0.2, -0.2, 0.5, -0.5, 1, -1, 1.5, -1.5)
z <- c(-3, -1, -0.5, 0, 0.5, 1, 2, 5, 20)
p <- c(1e-4, 0.01, 0.1, 0.5, 0.9, 0.99, 0.9999)
rows <- c()
for (shape in shapes) for (place in list(c(0, 1), c(3.875, 0.198), c(1000, 300))) {
  x <- place[1] + place[2] * z
  rows <- c(rows, sprintf(
    '{"loc": %s, "scale": %s, "shape": %s, "x": %s, "pdf": %s, "cdf": %s, "sf": %s, "p": %s, "ppf": %s, "isf": %s}',
    number(place[1]), number(place[2]), number(shape), vector(x),
    vector(dgev(x, place[1], place[2], shape)), vector(pgev(x, place[1], place[2], shape)),
    vector(pgev(x, place[1], place[2], shape, lower.tail = FALSE)), vector(p),
    vector(qgev(p, place[1], place[2], shape)), vector(qgev(p, place[1], place[2], shape, lower.tail = FALSE))))
}

# ------------------------------------------------------------------ the fits
control <- list(reltol = 1e-15, maxit = 20000)
refine <- function(x, ...) {
  # From evd's default start, then again from where that ended, so that the default tolerance is not the limit.
  first <- fgev(x, ..., std.err = FALSE, control = control)
  second <- fgev(x, ..., start = as.list(first$estimate), std.err = FALSE, method = "Nelder-Mead", control = control)
  fgev(x, ..., start = as.list(second$estimate), std.err = TRUE, method = "BFGS",
       control = c(control, list(parscale = abs(second$estimate))))
}
one <- function(name, x) {
  x <- x[!is.na(x)]
  full <- refine(x)
  gumbel <- refine(x, shape = 0)
  plain <- tryCatch(logLik(fgev(x, std.err = FALSE)), error = function(e) NA)
  sprintf(paste0('"%s": {"n": %d, "gev": {"estimate": %s, "std_error": %s, "loglik": %s},\n',
                 '  "gumbel": {"estimate": %s, "std_error": %s, "loglik": %s}, "default_start_loglik": %s}'),
          name, length(x), vector(full$estimate), vector(full$std.err), number(-full$deviance / 2),
          vector(gumbel$estimate), vector(gumbel$std.err), number(-gumbel$deviance / 2), number(as.numeric(plain)))
}
fits <- c(one("port_pirie", portpirie), one("oxford", oxford), one("fox_berlin", fox$berlin),
          one("fox_wrightstown", fox$wright), one("fox_wrightstown_cfs", 1000 * fox$wright),
          one("venice_r1", venice2[, 1]))

cat(sprintf('{"source": "R %s.%s, evd %s (Debian r-cran-evd); command: Rscript generate_evd.R > evd.json",\n',
            R.version$major, R.version$minor, packageVersion("evd")))
cat('"distribution": [\n', paste(rows, collapse = ",\n"), '],\n"fits": {\n', paste(fits, collapse = ",\n"), '}}\n', sep = "")
