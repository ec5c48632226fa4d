-- Prints what wrk measured as one line of JSON, the last of its output.

function done(summary, latency)
    local errors = summary.errors
    io.write(string.format(
        '\n{"requests": %d, "seconds": %.6f, "mean": %.3f, "p50": %d, "p95": %d, "p99": %d, "max": %d, '
            .. '"failed": %d, "refused": %d, "timeouts": %d}\n',
        summary.requests, summary.duration / 1e6, latency.mean,
        latency:percentile(50), latency:percentile(95), latency:percentile(99), latency.max,
        errors.status, errors.connect + errors.read + errors.write, errors.timeout
    ))
end
