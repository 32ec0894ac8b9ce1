#include "gui/dialogs/broker_dialog.h"

#include "gui/theme.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSpinBox>
#include <QVBoxLayout>

namespace signalbox::gui {

namespace {

constexpr int kUsualMonitoringPort = 8222;

}  // namespace

BrokerDialog::BrokerDialog(BrokerOptions const& options, QWidget* parent)
    : QDialog(parent),
      host_(new QComboBox),
      port_(new QSpinBox),
      monitoring_(new QCheckBox(tr("Monitoring over HTTP on port"))),
      monitoringPort_(new QSpinBox),
      debug_(new QCheckBox(tr("Write debug lines to the log"))),
      user_(new QLineEdit(options.user)),
      password_(new QLineEdit(options.password)) {
    setWindowTitle(tr("Start a broker"));
    host_->addItem(tr("this machine alone (127.0.0.1)"), QStringLiteral("127.0.0.1"));
    host_->addItem(tr("all addresses of this machine (0.0.0.0)"), QStringLiteral("0.0.0.0"));
    host_->setCurrentIndex(std::max(0, host_->findData(options.host)));
    host_->setAccessibleName(tr("Listen on"));
    port_->setRange(1, 65'535);
    port_->setValue(options.port);
    port_->setAccessibleName(tr("Port"));
    monitoring_->setChecked(options.monitoringPort != 0);
    monitoringPort_->setRange(1, 65'535);
    monitoringPort_->setValue(options.monitoringPort > 0 ? options.monitoringPort
                                                         : kUsualMonitoringPort);
    monitoringPort_->setAccessibleName(tr("Port of monitoring"));
    monitoringPort_->setEnabled(monitoring_->isChecked());
    connect(monitoring_, &QCheckBox::toggled, monitoringPort_, &QWidget::setEnabled);
    debug_->setChecked(options.debugLog);
    user_->setPlaceholderText(tr("none: anyone who reaches the port"));
    user_->setAccessibleName(tr("User"));
    password_->setEchoMode(QLineEdit::Password);
    password_->setAccessibleName(tr("Password"));

    auto* const form = new QFormLayout;
    form->setHorizontalSpacing(kSpace * 2);
    form->setVerticalSpacing(kSpace);
    form->addRow(tr("Listen on"), host_);
    form->addRow(tr("Port"), port_);
    auto* const note = new QLabel(tr("If the port is taken, the next free one is used."));
    note->setProperty("role", "muted");
    form->addRow(QString(), note);
    form->addRow(tr("User"), user_);
    form->addRow(tr("Password"), password_);
    auto* const monitoring = new QHBoxLayout;
    monitoring->addWidget(monitoring_);
    monitoring->addWidget(monitoringPort_);
    monitoring->addStretch(1);
    form->addRow(QString(), monitoring);
    form->addRow(QString(), debug_);
    auto* const buttons = new QDialogButtonBox(QDialogButtonBox::Cancel);
    buttons->addButton(tr("Start"), QDialogButtonBox::AcceptRole)->setDefault(true);
    connect(buttons, &QDialogButtonBox::accepted, this, &QDialog::accept);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    auto* const column = new QVBoxLayout(this);
    column->setContentsMargins(20, 18, 20, 16);
    column->setSpacing(kSpace * 2);
    column->addLayout(form);
    column->addWidget(buttons);
}

BrokerOptions BrokerDialog::options() const {
    return {.host = host_->currentData().toString(),
            .port = port_->value(),
            .monitoringPort = monitoring_->isChecked() ? monitoringPort_->value() : 0,
            .debugLog = debug_->isChecked(),
            .user = user_->text(),
            .password = password_->text()};
}

}  // namespace signalbox::gui
