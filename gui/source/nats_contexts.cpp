#include "gui/source/nats_contexts.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QJsonDocument>

namespace signalbox::gui {

namespace {

/// Longer files are none.
constexpr qint64 kMostBytes = 64 * 1024;

QByteArray contentOf(QString const& path) {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) && file.size() <= kMostBytes ? file.readAll()
                                                                       : QByteArray();
}

/// `~/…` is below the home of whoever runs this.
QString wholePath(QString const& path) {
    return path.startsWith(QLatin1String("~/")) ? QDir::home().filePath(path.mid(2)) : path;
}

/// The seed among the lines of such a file, which may say more.
QString seedIn(QByteArray const& content) {
    for (QByteArray const& line : content.split('\n')) {
        if (line.trimmed().startsWith("SU")) {
            return QString::fromLatin1(line.trimmed());
        }
    }
    return {};
}

ProfileLogin loginOf(QJsonObject const& context) {
    auto const text = [&](char const* name) {
        return context.value(QLatin1String(name)).toString();
    };
    ProfileLogin login;
    if (!text("creds").isEmpty()) {
        login.kind = LoginKind::Credentials;
        login.credentialsFile = wholePath(text("creds"));
    } else if (!text("nkey").isEmpty()) {
        login.kind = LoginKind::Nkey;
        login.secret = seedIn(contentOf(wholePath(text("nkey"))));
    } else if (!text("token").isEmpty()) {
        login.kind = LoginKind::Token;
        login.secret = text("token");
    } else if (!text("user").isEmpty()) {
        // A user without a password is a token to the field's clients.
        bool const isToken = text("password").isEmpty();
        login.kind = isToken ? LoginKind::Token : LoginKind::Password;
        login.user = isToken ? QString() : text("user");
        login.secret = isToken ? text("user") : text("password");
    }
    return login;
}

}  // namespace

QString natsContextFolder() {
    QString const configured = qEnvironmentVariable("XDG_CONFIG_HOME");
    QDir const base(configured.isEmpty() ? QDir::home().filePath(QStringLiteral(".config"))
                                         : configured);
    QString const folder = base.filePath(QStringLiteral("nats/context"));
    return QDir(folder).exists() ? folder : QString();
}

QList<RemoteProfile> natsContexts(QString const& folder) {
    QList<RemoteProfile> profiles;
    QDir const contexts(folder);
    for (QFileInfo const& file :
         contexts.entryInfoList({QStringLiteral("*.json")}, QDir::Files, QDir::Name)) {
        QJsonDocument const document = QJsonDocument::fromJson(contentOf(file.absoluteFilePath()));
        if (!document.isObject()) {
            continue;
        }
        QJsonObject const context = document.object();
        auto const path = [&](char const* name) {
            return wholePath(context.value(QLatin1String(name)).toString());
        };
        RemoteProfile profile = newProfile();
        profile.name = file.completeBaseName();
        profile.server = context.value(QStringLiteral("url")).toString();
        profile.login = loginOf(context);
        profile.authoritiesFile = path("ca");
        profile.certificateFile = path("cert");
        profile.keyFile = path("key");
        profiles.append(profile);
    }
    return profiles;
}

}  // namespace signalbox::gui
