package io.takhin.tiered.verify;

import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * A run that somebody asked for.
 *
 * @param progress what it did and found so far; may be asked at any time
 * @param outcome its report, complete also where the run ended early and says why; does not fail
 */
public record VerifyRun(Supplier<VerifyReport> progress, CompletableFuture<VerifyReport> outcome) {}
