#include "gui/source/remote_profile.h"

#include <QCoreApplication>
#include <QUuid>

#include <array>

namespace signalbox::gui {

namespace {

constexpr std::array<char const*, 5> kKinds = {"nobody", "password", "token", "nkey",
                                               "credentials"};

host::RemoteIdentity identityOf(ProfileLogin const& login) {
    host::RemoteIdentity identity;
    crypto::Secret const secret(login.secret.toStdString());
    switch (login.kind) {
        case LoginKind::Nobody:
            break;
        case LoginKind::Password:
            identity.user = login.user.toStdString();
            identity.password = secret;
            break;
        case LoginKind::Token:
            identity.token = secret;
            break;
        case LoginKind::Nkey:
            identity.nkey_seed = secret;
            break;
        case LoginKind::Credentials:
            identity.credentials_file = login.credentialsFile.toStdString();
            break;
    }
    return identity;
}

QJsonObject loginToJson(ProfileLogin const& login) {
    return {{QStringLiteral("kind"), QLatin1String(kKinds[static_cast<std::size_t>(login.kind)])},
            {QStringLiteral("user"), login.user},
            {QStringLiteral("credentials_file"), login.credentialsFile}};
}

ProfileLogin loginFromJson(QJsonObject const& json) {
    ProfileLogin login;
    QString const kind = json.value(QStringLiteral("kind")).toString();
    for (std::size_t i = 0; i < kKinds.size(); ++i) {
        if (kind == QLatin1String(kKinds[i])) {
            login.kind = static_cast<LoginKind>(i);
        }
    }
    login.user = json.value(QStringLiteral("user")).toString();
    login.credentialsFile = json.value(QStringLiteral("credentials_file")).toString();
    return login;
}

}  // namespace

QString RemoteProfile::text() const {
    if (!name.isEmpty()) {
        return name;
    }
    QString const where = server.isEmpty() ? monitoring : server;
    // Never what stands before an @.
    return where.mid(where.lastIndexOf(QLatin1Char('@')) + 1);
}

RemoteProfile newProfile() {
    RemoteProfile profile;
    profile.id = QUuid::createUuid().toString(QUuid::WithoutBraces);
    return profile;
}

RemoteProfile profileFor(QString const& url, QString const& credentialsFile,
                         QString const& monitoring) {
    RemoteProfile profile = newProfile();
    bool const http =
        url.startsWith(QLatin1String("http://")) || url.startsWith(QLatin1String("https://"));
    profile.server = http ? QString() : url;
    profile.monitoring = http && monitoring.isEmpty() ? url : monitoring;
    if (!credentialsFile.isEmpty()) {
        profile.login = {.kind = LoginKind::Credentials, .credentialsFile = credentialsFile};
    }
    return profile;
}

host::RemoteOptions remoteOptions(RemoteProfile const& profile) {
    host::RemoteOptions options;
    options.server = profile.server.trimmed().toStdString();
    options.identity = identityOf(profile.login);
    if (profile.hasSystemLogin) {
        options.system_identity = identityOf(profile.systemLogin);
    }
    options.monitoring = profile.monitoring.trimmed().toStdString();
    options.authorities_file = profile.authoritiesFile.trimmed().toStdString();
    options.certificate_file = profile.certificateFile.trimmed().toStdString();
    options.key_file = profile.keyFile.trimmed().toStdString();
    options.may_write = !profile.readOnly;
    return options;
}

SourceTitle sourceTitle(RemoteProfile const& profile) {
    return {.name = profile.text(),
            .color = profile.color,
            .environment = profile.environment,
            .readOnly = profile.readOnly};
}

QJsonObject profileToJson(RemoteProfile const& profile) {
    return {{QStringLiteral("id"), profile.id},
            {QStringLiteral("name"), profile.name},
            {QStringLiteral("server"), profile.server},
            {QStringLiteral("login"), loginToJson(profile.login)},
            {QStringLiteral("has_system_login"), profile.hasSystemLogin},
            {QStringLiteral("system_login"), loginToJson(profile.systemLogin)},
            {QStringLiteral("monitoring"), profile.monitoring},
            {QStringLiteral("authorities_file"), profile.authoritiesFile},
            {QStringLiteral("certificate_file"), profile.certificateFile},
            {QStringLiteral("key_file"), profile.keyFile},
            {QStringLiteral("color"), profile.color},
            {QStringLiteral("environment"), profile.environment},
            {QStringLiteral("read_only"), profile.readOnly}};
}

RemoteProfile profileFromJson(QJsonObject const& json) {
    RemoteProfile profile;
    profile.id = json.value(QStringLiteral("id")).toString();
    profile.name = json.value(QStringLiteral("name")).toString();
    profile.server = json.value(QStringLiteral("server")).toString();
    profile.login = loginFromJson(json.value(QStringLiteral("login")).toObject());
    profile.hasSystemLogin = json.value(QStringLiteral("has_system_login")).toBool();
    profile.systemLogin = loginFromJson(json.value(QStringLiteral("system_login")).toObject());
    profile.monitoring = json.value(QStringLiteral("monitoring")).toString();
    profile.authoritiesFile = json.value(QStringLiteral("authorities_file")).toString();
    profile.certificateFile = json.value(QStringLiteral("certificate_file")).toString();
    profile.keyFile = json.value(QStringLiteral("key_file")).toString();
    profile.color = json.value(QStringLiteral("color")).toString(profile.color);
    profile.environment = json.value(QStringLiteral("environment")).toString(profile.environment);
    // What cannot be read must not write.
    profile.readOnly = json.value(QStringLiteral("read_only")).toBool(true);
    return profile;
}

}  // namespace signalbox::gui
