#pragma once

#include "engine/host/jetstream/stored_facts.h"

#include <QDialog>
#include <QJsonObject>

#include <optional>

class QButtonGroup;
class QCheckBox;
class QLabel;
class QLineEdit;
class QPushButton;

namespace signalbox::gui {

class JetStream;

/// Which messages of a stream are to go, with how many they are.
class PurgeDialog : public QDialog {
    Q_OBJECT

public:
    /// `typed`: the stream's name has to be typed.
    PurgeDialog(JetStream& jetStream, host::StreamFacts const& stream, bool typed, QWidget* parent);

    /// What the request says.
    QJsonObject body() const;
    /// Where to back it up first; empty: nowhere.
    QString folder() const;

private:
    void check();
    void count();
    void showCount(std::optional<quint64> matching);
    QString mistake() const;

    JetStream& jetStream_;
    QString const stream_;
    host::StreamState const state_;
    QLineEdit* subject_;
    QLineEdit* keep_;
    QLineEdit* before_;
    QLineEdit* typed_ = nullptr;
    QCheckBox* backUp_;
    QLineEdit* folder_;
    QLabel* what_;
    QPushButton* go_;
    quint64 asked_ = 0;
};

}  // namespace signalbox::gui
