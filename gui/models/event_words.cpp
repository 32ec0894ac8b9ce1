#include "gui/models/event_words.h"

#include "gui/models/figures.h"

#include <QCoreApplication>
#include <QJsonDocument>
#include <QJsonObject>

namespace signalbox::gui {

namespace {

QString say(char const* text) {
    return QCoreApplication::translate("event", text);
}

}  // namespace

QString eventName(observe::EventKind kind) {
    switch (kind) {
        case observe::EventKind::ServerReady:
            return say("ready");
        case observe::EventKind::ServerStopped:
            return say("stopped");
        case observe::EventKind::ConnectionOpened:
            return say("connected");
        case observe::EventKind::ConnectionIdentified:
            return say("identified");
        case observe::EventKind::ConnectionClosed:
            return say("closed");
        case observe::EventKind::AuthenticationFailed:
            return say("refused");
        case observe::EventKind::AttemptsHeldBack:
            return say("held back");
        case observe::EventKind::SlowConsumer:
            return say("slow consumer");
        case observe::EventKind::ConfigurationReloaded:
            return say("reloaded");
        case observe::EventKind::ConfigurationRefused:
            return say("reload refused");
    }
    return {};
}

Tone eventTone(observe::EventKind kind) {
    switch (kind) {
        case observe::EventKind::ServerReady:
        case observe::EventKind::ConfigurationReloaded:
            return Tone::Good;
        case observe::EventKind::SlowConsumer:
        case observe::EventKind::AttemptsHeldBack:
            return Tone::Warning;
        case observe::EventKind::AuthenticationFailed:
        case observe::EventKind::ConfigurationRefused:
            return Tone::Error;
        case observe::EventKind::ConnectionOpened:
        case observe::EventKind::ConnectionIdentified:
            return Tone::Accent;
        case observe::EventKind::ServerStopped:
        case observe::EventKind::ConnectionClosed:
            return Tone::Muted;
    }
    return Tone::Plain;
}

QString eventClient(observe::EventRow const& event) {
    if (event.connection == nullptr) {
        return {};
    }
    return event.connection->name.empty() ? say("connection %1").arg(event.connection->cid)
                                          : wireText(event.connection->name);
}

QString eventAddress(observe::EventRow const& event) {
    return event.connection == nullptr ? QString()
                                       : QStringLiteral("%1:%2")
                                             .arg(wireText(event.connection->ip))
                                             .arg(event.connection->port);
}

QString eventAccount(observe::EventRow const& event) {
    if (event.connection == nullptr || event.connection->account.empty()) {
        return {};
    }
    QString const account = wireText(event.connection->account);
    return event.connection->user.empty()
               ? account
               : QStringLiteral("%1 / %2").arg(account, wireText(event.connection->user));
}

QString eventText(observe::EventRow const& event) {
    if (!event.text.empty()) {
        return wireText(event.text);
    }
    switch (event.kind) {
        case observe::EventKind::ConnectionOpened:
            return say("a connection was accepted");
        case observe::EventKind::ConnectionIdentified:
            return say("the client said who it is");
        case observe::EventKind::AuthenticationFailed:
            return say("the client was not let in");
        case observe::EventKind::ConfigurationReloaded:
            return say("a changed configuration is in force");
        case observe::EventKind::ServerReady:
            return say("the server takes clients");
        case observe::EventKind::ServerStopped:
            return say("the server ended");
        default:
            return {};
    }
}

EventCategory categoryOf(observe::EventKind kind) {
    switch (kind) {
        case observe::EventKind::ConnectionOpened:
        case observe::EventKind::ConnectionIdentified:
        case observe::EventKind::ConnectionClosed:
            return EventCategory::Connections;
        case observe::EventKind::AuthenticationFailed:
        case observe::EventKind::AttemptsHeldBack:
            return EventCategory::Refusals;
        case observe::EventKind::SlowConsumer:
            return EventCategory::SlowConsumers;
        case observe::EventKind::ConfigurationReloaded:
        case observe::EventKind::ConfigurationRefused:
            return EventCategory::Configuration;
        case observe::EventKind::ServerReady:
        case observe::EventKind::ServerStopped:
            break;
    }
    return EventCategory::Server;
}

QString categoryName(EventCategory category) {
    switch (category) {
        case EventCategory::Connections:
            return say("Connections");
        case EventCategory::Refusals:
            return say("Refused");
        case EventCategory::SlowConsumers:
            return say("Slow consumers");
        case EventCategory::Configuration:
            return say("Configuration");
        case EventCategory::Server:
            return say("Server");
    }
    return {};
}

QString eventJson(observe::EventRow const& event) {
    QJsonObject object{{QStringLiteral("time"), dateText(event.time)},
                       {QStringLiteral("event"), eventName(event.kind)},
                       {QStringLiteral("server"), static_cast<qint64>(event.server)}};
    if (!event.text.empty()) {
        object.insert(QStringLiteral("text"), wireText(event.text));
    }
    if (event.connection != nullptr) {
        observe::ConnectionIdentity const& who = *event.connection;
        object.insert(QStringLiteral("connection"),
                      QJsonObject{{QStringLiteral("cid"), static_cast<qint64>(who.cid)},
                                  {QStringLiteral("kind"), wireText(who.kind)},
                                  {QStringLiteral("ip"), wireText(who.ip)},
                                  {QStringLiteral("port"), who.port},
                                  {QStringLiteral("name"), wireText(who.name)},
                                  {QStringLiteral("lang"), wireText(who.lang)},
                                  {QStringLiteral("version"), wireText(who.version)},
                                  {QStringLiteral("account"), wireText(who.account)},
                                  {QStringLiteral("user"), wireText(who.user)},
                                  {QStringLiteral("start"), dateText(who.start)}});
    }
    if (event.kind == observe::EventKind::ConnectionClosed) {
        auto const figure = [](std::uint64_t value) { return static_cast<qint64>(value); };
        object.insert(
            QStringLiteral("last"),
            QJsonObject{{QStringLiteral("in_msgs"), figure(event.last.in_msgs)},
                        {QStringLiteral("in_bytes"), figure(event.last.in_bytes)},
                        {QStringLiteral("out_msgs"), figure(event.last.out_msgs)},
                        {QStringLiteral("out_bytes"), figure(event.last.out_bytes)},
                        {QStringLiteral("subscriptions"), figure(event.last.subscriptions)}});
    }
    return QString::fromUtf8(QJsonDocument(object).toJson(QJsonDocument::Indented));
}

}  // namespace signalbox::gui
