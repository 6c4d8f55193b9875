package io.takhin.broker.net;

import org.apache.kafka.common.network.Send;

/**
 * Bytes to be sent, length prefix included, some of them perhaps still in files.
 *
 * @param release run once, when the bytes are on the socket or never will be
 */
public record Answer(Send bytes, Runnable release) {}
