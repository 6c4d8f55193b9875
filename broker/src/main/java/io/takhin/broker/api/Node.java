package io.takhin.broker.api;

/**
 * The one node as clients see it.
 *
 * @param clusterId stays the same as long as the data directory lives
 * @param host the name that clients connect to
 */
public record Node(int id, String clusterId, String host, int port) {}
