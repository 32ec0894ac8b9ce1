#pragma once

#include "gui/dialogs/jetstream/request_dialog.h"

namespace signalbox::gui {

/// Makes a consumer of a stream, or changes one.
class ConsumerDialog : public RequestDialog {
    Q_OBJECT

public:
    /// `before` empty: a new one.
    ConsumerDialog(Theme const& theme, QString const& stream, QJsonObject const& before,
                   QWidget* parent);

    /// As it will be sent.
    std::pair<QString, QJsonObject> request() const { return request(settings()); }

protected:
    QString mistake(QJsonObject const& settings) const override;
    QString consequences(QJsonObject const& settings) const override;
    std::pair<QString, QJsonObject> request(QJsonObject const& settings) const override;

private:
    QString const stream_;
};

}  // namespace signalbox::gui
