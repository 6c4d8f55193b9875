package io.takhin.embedded.s3.server;

import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Takes away S3Mock's second listener. S3Mock means its main one for TLS and adds a plain one that
 * listens on every address of the machine; here the main one speaks plain HTTP on loopback.
 */
@Configuration(proxyBeanMethods = false)
class SingleConnector {
  @Bean
  static BeanPostProcessor withoutAdditionalConnectors() {
    return new BeanPostProcessor() {
      @Override
      public Object postProcessAfterInitialization(Object bean, String beanName) {
        if (bean instanceof TomcatServletWebServerFactory factory) {
          factory.getAdditionalConnectors().clear();
        }
        return bean;
      }
    };
  }
}
