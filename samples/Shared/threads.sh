# Sourced by the programs' scripts.

# libgomp's threads spin for milliseconds before they sleep. Where another program has one of the cores they spin through the very
# time slices that the thread they wait for needs: a busy machine then trains many times slower than its load explains.
[ -n "${OMP_WAIT_POLICY:-}" ] || export GOMP_SPINCOUNT="${GOMP_SPINCOUNT:-1000}"
