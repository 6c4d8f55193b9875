package io.takhin.broker.net;

import org.apache.kafka.common.network.Send;

/**
 * Bytes to be sent, length prefix included, some of them perhaps still in files.
 *
 * @param release run once, when the bytes are on the socket or never will be
 * @param pauseMillis how long the connection reads nothing after that, so that a client that sends
 *     too much is slowed whether it heeds the answer or not; 0 for not at all
 */
public record Answer(Send bytes, Runnable release, long pauseMillis) {}
