#pragma once

#include "gui/source/data_source.h"

#include <QDialog>

class QCheckBox;
class QComboBox;
class QLineEdit;
class QSpinBox;

namespace signalbox::gui {

/// Asks how a local broker shall be started.
class BrokerDialog : public QDialog {
    Q_OBJECT

public:
    BrokerDialog(BrokerOptions const& options, QWidget* parent);

    BrokerOptions options() const;

private:
    QComboBox* host_;
    QSpinBox* port_;
    QCheckBox* monitoring_;
    QSpinBox* monitoringPort_;
    QCheckBox* debug_;
    QLineEdit* user_;
    QLineEdit* password_;
};

}  // namespace signalbox::gui
